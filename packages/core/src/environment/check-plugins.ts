import { MlforgeError } from "@mlforge/spec";
import type { Environment } from "./environment.js";

/** The version of the contracts that this core speaks. */
const spoken = 1;

/** Checks that the plugins speak the same version of the contracts. @throws CAPABILITY_MISSING */
export function checkPlugins({ offlineStore, engine, format }: Environment): void {
  for (const plugin of [offlineStore, engine, format]) if (plugin !== undefined) checkVersion(plugin);
}

function checkVersion({ name, specVersion }: { readonly name: string; readonly specVersion: number }): void {
  if (specVersion === spoken) return;
  const advice = specVersion > spoken ? "upgrade @mlforge/core" : `upgrade the package of ${name}`;
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `${name} speaks version ${specVersion} of the contracts of @mlforge/spec, and @mlforge/core speaks ${spoken}; ${advice}`,
    { plugin: name, capability: `specVersion ${spoken}` },
  );
}
