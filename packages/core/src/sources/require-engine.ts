import { type Engine, MlforgeError } from "@mlforge/spec";
import type { BuildContext } from "./context.js";

/** @throws CAPABILITY_MISSING if there is no engine; `what` is done by one, for example `a training set is joined`. */
export function requireEngine({ engine }: Pick<BuildContext, "engine">, what: string): Engine {
  if (engine !== undefined) return engine;
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `${what} by an engine, and Definitions has none; give it one, for example engine: new DuckDBEngine()`,
    { plugin: "Definitions", capability: "engine" },
  );
}
