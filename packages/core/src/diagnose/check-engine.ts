import type { CallOptions, Engine, Plan } from "@mlforge/spec";
import { isMlforgeError } from "@mlforge/spec";

/** Whether the engine runs. */
export interface EngineReport {
  /** Null where the definitions have no engine. */
  readonly name: string | null;
  /** That of the engine itself, such as DuckDB's. */
  readonly version: string | null;
  /** Whether it answered a query; so also where there is none. */
  readonly passed: boolean;
  /** What was seen, and what to do where it is wrong. */
  readonly message: string;
}

const plan: Plan = {
  op: "sql",
  query: "SELECT CAST(42 AS BIGINT) AS answer",
  inputs: {},
  columns: [{ name: "answer", kind: "int64", nullable: true }],
};

/** Lets the engine answer a query that reads nothing. */
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
    if (String(answer) === "42") return { name, version, passed: true, message: "a query ran" };
    return { name, version, passed: false, message: `a query that asks for 42 gave ${String(answer)}; install the engine again` };
  } catch (error) {
    options.signal?.throwIfAborted();
    const told = error instanceof Error ? error.message : String(error);
    const code = isMlforgeError(error) ? ` [${error.code}]` : "";
    return {
      name,
      version,
      passed: false,
      message: `a query that reads nothing failed: ${told}${code}; correct the options of the engine`,
    };
  }
}
