import { expect, it } from "vitest";
import { planDocument } from "./documents/plan.js";
import { explainDocument, parseDocument, versionsDocument } from "./documents.js";
import { flightsCsv, imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

const definitions = `${imports}
const flights = source({
  path: "data/flights.csv",
  columns: { date: t.timestamp(), origin: t.string(), destination: t.string(), delay: t.int64() },
  timestamp: "date",
});
export const daily = feature({
  name: "daily",
  source: flights,
  keys: ["origin"],
  rolling: { every: "1d", windows: ["1d"], aggregations: { delay: ["sum"] } },
});
export const monthly = feature({
  name: "monthly",
  source: daily,
  keys: ["origin"],
  rolling: { every: "1d", windows: ["30d"], aggregations: { daily__delay__sum__1d__1d: ["max"] } },
});
export const defs = new Definitions({
  name: "flights",
  features: [monthly, daily],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;

it("shows which versions of other features a version was computed from", async () => {
  await using project = await Project.create({ "definitions.ts": definitions, "data/flights.csv": flightsCsv });
  expect((await project.run(["build"])).exitCode).toBe(0);
  await project.write({ "data/flights.csv": flightsCsv.replaceAll("SEA", "OAK") });
  const { features } = parseDocument(planDocument, (await project.run(["plan", "--json"])).stdout);
  expect(features).toMatchObject([{ feature: "monthly", next: "1.0.1", why: "the source data changed: daily 1.0.0 to 1.0.1" }, {}]);
  expect((await project.run(["build"])).exitCode).toBe(0);
  expect((await project.run(["list", "versions", "monthly"])).stdout).toMatch(
    /READS.*1\.0\.0 .*daily 1\.0\.0.*1\.0\.1 .*daily 1\.0\.1 +latest/s,
  );
  const { versions } = parseDocument(versionsDocument, (await project.run(["list", "versions", "monthly", "--json"])).stdout);
  expect(versions.map(({ inputs }) => inputs)).toEqual([
    [{ feature: "daily", version: "1.0.0" }],
    [{ feature: "daily", version: "1.0.1" }],
  ]);
  expect((await project.run(["inspect", "feature", "monthly"])).stdout).toMatch(/^reads +daily 1\.0\.1$/m);
  const label = ["--features", "monthly", "--key", "origin=SFO", "--at", "2001-01-05T00:00:00Z"];
  expect((await project.run(["explain", ...label])).stdout).toContain("  computed from daily 1.0.1");
  const explained = parseDocument(explainDocument, (await project.run(["explain", ...label, "--json"])).stdout);
  expect(explained.features).toMatchObject([{ inputs: [{ feature: "daily", version: "1.0.1" }] }]);
});
