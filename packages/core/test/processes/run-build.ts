import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Plan } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { Definitions, feature, source, t } from "../../src/index.js";

const child = fileURLToPath(new URL("build-child.mjs", import.meta.url));

export interface ChildReport {
  /** The beginning and the success of each call on the store, as `<index>:<phase>`. */
  readonly moments: readonly string[];
  readonly built: readonly { readonly version: string }[];
  readonly skipped: readonly { readonly version: string }[];
  readonly failed: readonly string[];
}

/** Builds in a process of its own, killed at the given moment; undefined if it was killed. */
export async function runBuild(store: string, path: string, fatal = "none"): Promise<ChildReport | undefined> {
  const process = spawn(globalThis.process.execPath, [child, store, path, fatal], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  process.stdout.on("data", (part: Buffer) => {
    output.stdout += part.toString();
  });
  process.stderr.on("data", (part: Buffer) => {
    output.stderr += part.toString();
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    process.once("close", (...ended) => resolve(ended)),
  );
  if (signal === "SIGKILL") return undefined;
  if (code !== 0) throw new Error(`the build ended with ${code ?? signal}: ${output.stderr}`);
  const report: ChildReport = JSON.parse(output.stdout);
  return report;
}

/** Reads every version with its hash checked, and gives its rows. */
export async function readVerified(folder: string): Promise<Map<string, unknown[]>> {
  const columns = { user: t.string(), amount: t.int64() };
  const totals = feature({ name: "totals", source: source({ path: "unused.parquet", columns }), keys: ["user"] });
  const defs = new Definitions({
    name: "test",
    features: [totals],
    offlineStore: new LocalStore(folder),
    engine: new DuckDBEngine({ threads: 1 }),
  });
  const found = new Map<string, unknown[]>();
  for (const { version } of (await defs.versions.list(totals)).versions) {
    const rows: unknown[] = [];
    for await (const row of (await defs.readFeature(totals, { version, verify: true })).rows()) rows.push(row);
    found.set(version, rows);
  }
  await defs[Symbol.asyncDispose]();
  return found;
}

/** The files on their way that killed processes have left in a store. */
export async function leftovers(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const place of ["staging", "tmp"]) {
    for (const entry of await readdir(join(folder, ".mlforge", place), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) found.push(join(place, entry.name));
    }
  }
  return found;
}

/** Writes a Parquet source by an engine alone. */
export async function writeSource(path: string, amounts: string): Promise<void> {
  await using engine = new DuckDBEngine({ threads: 1 });
  const plan: Plan = {
    op: "sql",
    query: `SELECT 'user ' || (n % 3) AS user, n * ${amounts} AS amount FROM range(100) AS numbers(n)`,
    inputs: {},
    columns: [
      { name: "user", kind: "string", nullable: true },
      { name: "amount", kind: "int64", nullable: true },
    ],
  };
  await engine.write(plan, { url: `file://${path}`, format: "parquet" });
}
