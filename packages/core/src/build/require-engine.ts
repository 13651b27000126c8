import { type Engine, MlforgeError } from "@mlforge/spec";
import type { BuildContext } from "./context.js";

/** @throws CAPABILITY_MISSING if there is no engine to compute the feature, or to run its validators. */
export function requireEngine({ engine }: BuildContext, feature: string, hasValidators = false): Engine {
  if (engine !== undefined) return engine;
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `feature "${feature}" ${hasValidators ? "has validators, which are run" : "is computed"} by an engine, and Definitions has none; give it one, for example engine: new DuckDBEngine()`,
    { plugin: "Definitions", capability: "engine" },
  );
}
