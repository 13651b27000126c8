import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const at = (name: string): string => JSON.stringify(fileURLToPath(import.meta.resolve(name)));

/** A program of a user, who passes one signal to everything. Each call gets a signal of its own, because Node warns once a signal. */
const program = `
import { Definitions, feature, source, t } from ${at("@mlforge/core")};
import { DuckDBEngine } from ${at("@mlforge/engine-duckdb")};
import { LocalStore } from ${at("@mlforge/store-local")};
const events = source({ path: "events.csv", columns: { k: t.string(), v: t.int64() }, static: true });
const features = Array.from({ length: 60 }, (_, index) => feature({ name: "f" + index, source: events, keys: ["k"], static: true }));
const defs = new Definitions({ name: "many", features, offlineStore: new LocalStore("store"), engine: new DuckDBEngine() });
const signal = () => new AbortController().signal;
const concurrency = 60;
await defs.plan({ signal: signal() });
const { built } = await defs.build({ signal: signal(), concurrency });
await defs.store.verify({ signal: signal() });
const choices = features.map((each) => ({ feature: each, prefix: each.name + "_" }));
const set = await defs.getTrainingData({ labels: [{ k: "a" }], features: choices, signal: signal() });
let rows = 0;
for await (const _ of set.rows({ signal: signal() })) rows++;
await defs[Symbol.asyncDispose]();
console.log(built.length, rows);
`;

it("lets a signal of the caller wait for 60 features at once without a warning about leaks", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-signal-"));
  try {
    await writeFile(join(folder, "events.csv"), "k,v\na,1\n");
    await writeFile(join(folder, "program.mjs"), program);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["program.mjs"], { cwd: folder });
    expect({ stdout, stderr }).toEqual({ stdout: "60 1\n", stderr: "" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
