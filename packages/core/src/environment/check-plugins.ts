import { MlforgeError } from "@mlforge/spec";
import type { Environment } from "./environment.js";

/** The spec version that this core implements. */
const spoken = 1;

/** Checks that the plugins implement the spec version that core needs. @throws CAPABILITY_MISSING */
export function checkPlugins({ offlineStore, engine, format }: Environment): void {
  for (const plugin of [offlineStore, engine, format]) if (plugin !== undefined) checkVersion(plugin);
}

function checkVersion({ name, specVersion }: { readonly name: string; readonly specVersion: number }): void {
  if (specVersion === spoken) return;
  const advice = specVersion > spoken ? "upgrade @mlforge/core" : `upgrade the package of ${name}`;
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `${name} implements spec version ${specVersion}, but this @mlforge/core needs version ${spoken}; ${advice}`,
    { plugin: name, capability: `specVersion ${spoken}` },
  );
}
