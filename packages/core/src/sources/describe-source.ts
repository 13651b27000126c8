import { type Description, MlforgeError } from "@mlforge/spec";
import { scanOf } from "../define/scan-of.js";
import type { AnySource } from "../define/source.js";
import { bindSources } from "./bind-sources.js";
import type { BuildContext } from "./context.js";
import { openFile } from "./open-file.js";
import type { SourceFiles } from "./source-files.js";

/** Returns the actual columns of the files of a source, regardless of what it declares, and the columns that no column type can hold. */
export async function describeSource(
  source: AnySource,
  files: SourceFiles,
  context: BuildContext,
  signal?: AbortSignal,
): Promise<Description> {
  const { engine, format } = context;
  if (engine !== undefined) {
    const plan = bindSources(scanOf(source), new Map([[source.name, files]]));
    return await engine.describe(plan, { signal });
  }
  const [first] = files.files;
  if (format === undefined || first === undefined || source.partitions !== undefined || source.format.kind !== format.name) {
    throw new MlforgeError(
      "CAPABILITY_MISSING",
      `source "${source.name}" declares no columns, and reading them from its files needs an engine; declare them, or pass an engine to Definitions`,
      { plugin: "Definitions", capability: "engine" },
    );
  }
  await using file = await openFile(first.url, { kind: "columns", columns: [] }, context, signal);
  return await format.describe(file, { signal });
}
