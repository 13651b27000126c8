import type { CallOptions, Engine, Plan } from "@mlforge/spec";
import { isMlforgeError } from "@mlforge/spec";

/** The result of a test query. */
export interface EngineReport {
  /** Null if the definitions have no engine. */
  readonly name: string | null;
  /** The version of the engine itself, such as the version of DuckDB. */
  readonly version: string | null;
  /** True if it answered a query, or if there is no engine. */
  readonly passed: boolean;
  /** The result, and what to do if there is a problem. */
  readonly message: string;
}

const plan: Plan = {
  op: "sql",
  query: "SELECT CAST(42 AS BIGINT) AS answer",
  inputs: {},
  columns: [{ name: "answer", kind: "int64", nullable: true }],
};

/** Runs a test query that reads no data. */
export async function checkEngine(engine: Engine | undefined, options: CallOptions): Promise<EngineReport> {
  options.signal?.throwIfAborted();
  if (engine === undefined) {
    const message = "the definitions have no engine; only functions over batches can be built";
    return { name: null, version: null, passed: true, message };
  }
  const { name, version } = engine;
  try {
    let answer: unknown;
    for await (const batch of engine.run(plan, options)) answer = batch.numRows > 0 ? batch.getChildAt(0)?.get(0) : answer;
    if (String(answer) === "42") return { name, version, passed: true, message: "the test query succeeded" };
    return { name, version, passed: false, message: `the test query returned ${String(answer)} instead of 42; reinstall the engine` };
  } catch (error) {
    options.signal?.throwIfAborted();
    const told = error instanceof Error ? error.message : String(error);
    const code = isMlforgeError(error) ? ` [${error.code}]` : "";
    return {
      name,
      version,
      passed: false,
      message: `the test query failed: ${told}${code}; correct the options of the engine`,
    };
  }
}
