import { type Engine, MlforgeError } from "@mlforge/spec";
import type { BuildContext } from "./context.js";

/** Returns the engine. `what` begins the error, for example `joining a training set needs`. @throws CAPABILITY_MISSING if there is no engine */
export function requireEngine({ engine }: Pick<BuildContext, "engine">, what: string): Engine {
  if (engine !== undefined) return engine;
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `${what} an engine, but Definitions has none; pass one, for example engine: new DuckDBEngine()`,
    { plugin: "Definitions", capability: "engine" },
  );
}
