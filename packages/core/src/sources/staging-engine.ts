import { type Engine, type ErrorDetails, isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { RemoteFiles, StagedPlan } from "./remote-files.js";

/** Wraps an engine so that it also reads the files known to `files`, by staging them. Disposing of it disposes of the wrapped engine. */
export function stagingEngine(engine: Engine, files: RemoteFiles): Engine {
  const { leftovers } = engine;
  return {
    specVersion: engine.specVersion,
    name: engine.name,
    version: engine.version,
    capabilities: engine.capabilities,
    async describe(plan, options) {
      await using staged = await files.stage(plan, "columns", options?.signal);
      return await named(staged, () => engine.describe(staged.plan, options));
    },
    async *run(plan, options) {
      await using staged = await files.stage(plan, "rows", options?.signal);
      try {
        yield* engine.run(staged.plan, options);
      } catch (error) {
        throw renamed(error, staged);
      }
    },
    async write(plan, target, options) {
      await using staged = await files.stage(plan, "rows", options?.signal);
      return await named(staged, () => engine.write(staged.plan, target, options));
    },
    ...(leftovers === undefined ? {} : { leftovers: () => leftovers.call(engine) }),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

async function named<T>(staged: StagedPlan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw renamed(error, staged);
  }
}

/** Replaces the paths of the cache in an error with the URLs that the user gave. */
export function renamed(error: unknown, { urls }: Pick<StagedPlan, "urls">): unknown {
  if (!isMlforgeError(error) || urls.size === 0) return error;
  // One path can be the beginning of another.
  const longestFirst = [...urls].sort(([a], [b]) => b.length - a.length);
  const text = (value: string): string => longestFirst.reduce((all, [path, url]) => all.replaceAll(path, url), value);
  const lines = error.message.split("\n");
  const message = lines.map(text);
  const isSame = message.every((line, index) => line === lines[index]);
  return isSame ? error : new MlforgeError(error.code, message, detailsIn(error, text), { cause: error.cause });
}

function detailsIn({ code, details }: MlforgeError, text: (value: string) => string): ErrorDetails[MlforgeError["code"]] {
  if ((code === "SOURCE_UNREADABLE" || code === "SOURCE_NOT_FOUND") && "source" in details && "path" in details)
    return { ...details, path: text(String(details.path)) };
  if (code === "SCHEMA_MISMATCH" && "where" in details && "problems" in details)
    return { where: details.where, problems: details.problems.map(String).map(text) };
  return details;
}
