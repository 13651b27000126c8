import { expect, it } from "vitest";
import { imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

const definitions = `${imports}
const events = source({ path: "events.csv", columns: { k: t.string(), v: t.int64() }, static: true });
const features = Array.from({ length: 60 }, (_, index) => feature({ name: \`f\${index}\`, source: events, keys: ["k"], static: true }));
export const defs = new Definitions({ name: "many", features, offlineStore: new LocalStore("store"), engine: new DuckDBEngine() });
`;

it("plans 60 features at once without a warning about listeners", async () => {
  await using project = await Project.create({ "definitions.ts": definitions, "events.csv": "k,v\na,1\n" });
  const { exitCode, stderr } = await project.run(["plan"]);
  expect([exitCode, stderr]).toEqual([0, ""]);
});
