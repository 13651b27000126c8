import { describe, expect, it } from "vitest";
import { errorLine } from "../src/report-error.js";
import { createColors } from "../src/styling.js";
import { imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

/** What follows the line break in names and values: lines that the command itself prints in an error. */
const fakes = ["error: nothing failed [FAKE]", "  found:    FAKE", "  expected: FAKE", "warning: FAKE", "built all FAKE"];
const names = fakes.map((fake, index) => `c${index}\n${fake}`);
const quoted = names.map((name) => `"${name}"`).join(",");

const definitions = `${imports}
const columns = { k: t.string(), at: t.timestamp(), [${JSON.stringify(names[0])}]: t.int64() };
const rows = source({ name: "rows", path: "data/rows.csv", timestamp: "at" });
const missing = source({ name: "missing", path: "data/missing.csv", columns, timestamp: "at" });
const wrong = source({ name: "wrong", path: "data/wrong.csv", columns, timestamp: "at" });
const absent = source({ name: "absent", path: ${JSON.stringify(`data/absent\n${fakes[0]}.csv`)}, columns });
const make = (name, source, options) => feature({ name, source, keys: ["k"], ...options });
export const defs = new Definitions({
  name: "breaks",
  features: [
    make("fine", rows, {}),
    make("keyless", rows, { keys: [${JSON.stringify(names[1])}] }),
    make("lost", missing, {}),
    make("bad", wrong, {}),
    make("nowhere", absent, { static: true }),
    make("asked", rows, { transform: sql({ query: ${JSON.stringify(`select "${names[1]}", nothing from source`)}, columns: { k: t.string() } }) }),
    make("renamed", rows, { transform: sql({ query: ${JSON.stringify(`select k, "at" as "${names[2]}" from source`)}, columns: { k: t.string() } }) }),
    make("thrown", rows, { transform: () => { throw new Error(${JSON.stringify(`oh\n${fakes[0]}`)}); } }),
  ],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;

describe("a line break in a name or a value", () => {
  it("does not make a line of its own in any message", { timeout: 240_000 }, async () => {
    await using project = await Project.create({
      "definitions.ts": definitions,
      "data/rows.csv": `k,at,${quoted}\na,2024-01-01,${names.map((name) => `"${name}"`).join(",")}\nb,2024-01-02,,,,,\n`,
      "data/missing.csv": `k,at,"other\n${fakes[1]}"\na,2024-01-01,1\n`,
      "data/wrong.csv": `k,at,"${names[0]}"\na,2024-01-01,"1\n${fakes[1]}"\n`,
      "labels/labels.csv": `k,at,"l\n${fakes[3]}"\n"a\n${fakes[0]}",2024-01-03,1\na,2024-01-03,1\n`,
      "labels/cut.csv": `k,at,"l\n${fakes[1]}"\na,2024-01-03\n`,
    });
    const shown: string[] = [];
    const all = async (...args: readonly string[]): Promise<void> => {
      const { stdout, stderr } = await project.run(args);
      shown.push(stderr);
      const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trimStart());
      expect([args, lines.filter((line) => fakes.some((fake) => line.startsWith(fake.trimStart())))]).toEqual([args, []]);
    };
    const labels = ["--timestamp", "at", "--features", "fine"];
    await all("plan");
    await all("build");
    await all("validate");
    await all("types");
    for (const name of ["rows", "missing", "wrong", "absent"]) await all("inspect", "source", name);
    await all("preview", "fine");
    await all("preview", "bad");
    await all("training-data", "--labels", "labels/labels.csv", ...labels, "--out", "train.csv");
    await all("training-data", "--labels", "labels/cut.csv", ...labels, "--out", "train.csv");
    await all("training-data", "--labels", `labels/no\n${fakes[0]}.csv`, ...labels, "--out", "train.csv");
    await all("explain", "--labels", "labels/labels.csv", "--row", "0", ...labels);
    await all("explain", "--features", "fine", "--key", `k=a\n${fakes[0]}`, "--at", "2024-01-03");
    await all("explain", "--features", "fine", "--key", `k\n${fakes[0]}=a`, "--at", "2024-01-03");
    await all("inspect", "feature", `fine\n${fakes[0]}`);
    // The names are there, in one line.
    for (const name of [...names.slice(0, 3), `absent\n${fakes[0]}`, `oh\n${fakes[0]}`, `l\n${fakes[1]}`])
      expect([name, shown.some((text) => text.includes(name.replace("\n", "\\u000a")))]).toEqual([name, true]);
  });

  it("is indented in errors of other programs", () => {
    const console = { colors: createColors(false) } as Parameters<typeof errorLine>[1];
    expect(errorLine(new Error("a\nerror: b\n  c"), console)).toMatch(/^error: a\n {2}error: b\n {2}c \[UNEXPECTED\]\nThis is a bug/);
  });
});
