import type { SourceFormat } from "@mlforge/spec";
import { jsonFault } from "./json-fault.js";
import { textError } from "./text-error.js";
import type { TextFiles } from "./text-files.js";

/** Makes the error for the first line of an NDJSON file that is not JSON. Returns undefined for other formats, or if every line is JSON. */
export async function malformedJson(
  { source, path, format }: { readonly source: string; readonly path: string; readonly format: SourceFormat },
  texts: TextFiles,
): Promise<unknown> {
  if (format.kind !== "ndjson") return undefined;
  const fault = await jsonFault(path, format);
  return fault === undefined ? undefined : textError(fault, { source, path, format }, texts);
}
