import { MlforgeError } from "@mlforge/spec";

/** Returns the error for something that the dialect of an engine does not have. */
export function unsupported(plugin: string, capability: string): MlforgeError<"CAPABILITY_MISSING"> {
  return new MlforgeError("CAPABILITY_MISSING", `${plugin} does not have ${capability}; use another engine, or compute it without`, {
    plugin,
    capability,
  });
}
