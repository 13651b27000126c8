import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Engine, MlforgeError } from "@mlforge/spec";

/** Loads an engine for a command that runs without definitions. */
export type EngineLoader = () => Promise<Engine>;

const name = "@mlforge/engine-duckdb";

/**
 * Loads DuckDB from the packages of the working directory, or from those beside this command. The command itself does not depend on an engine.
 *
 * @throws CAPABILITY_MISSING if it is in neither place or cannot be used.
 */
export async function installedEngine(): Promise<Engine> {
  const path = [join(process.cwd(), "package.json"), import.meta.url].map(resolvedFrom).find((found) => found !== undefined);
  if (path === undefined) throw missing(`needs DuckDB: run npm install ${name} and then repeat the command`);
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw missing(`needs DuckDB, but ${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, error);
  });
  if (typeof module === "object" && module !== null && "DuckDBEngine" in module && typeof module.DuckDBEngine === "function") {
    const engine: unknown = Reflect.construct(module.DuckDBEngine, []);
    if (isEngine(engine)) return engine;
  }
  throw missing(`needs another version of ${name}: run npm install ${name}@latest and then repeat the command`);
}

function resolvedFrom(place: string): string | undefined {
  try {
    return createRequire(place).resolve(name);
  } catch {
    return undefined;
  }
}

function isEngine(value: unknown): value is Engine {
  if (typeof value !== "object" || value === null) return false;
  const has = (method: string): boolean => typeof Reflect.get(value, method) === "function";
  return "specVersion" in value && value.specVersion === 1 && has("describe") && has("run");
}

function missing(why: string, cause?: unknown): MlforgeError<"CAPABILITY_MISSING"> {
  return new MlforgeError("CAPABILITY_MISSING", `reading CSV or NDJSON ${why}`, { plugin: name, capability: "engine" }, { cause });
}
