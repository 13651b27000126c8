import { fileURLToPath } from "node:url";
import { MlforgeError } from "@mlforge/spec";

/** Returns the path of a `file:` URL. @throws CAPABILITY_MISSING for other URLs */
export function localPath(url: string): string {
  const scheme = URL.canParse(url) ? new URL(url).protocol.slice(0, -1) : "";
  if (scheme !== "file") {
    throw new MlforgeError("CAPABILITY_MISSING", `the duckdb engine reads and writes file: URLs only, not "${url}"; give it a local copy`, {
      plugin: "duckdb",
      capability: scheme === "" ? "URLs without a scheme" : `${scheme}: URLs`,
    });
  }
  return fileURLToPath(url);
}

/** Returns a glob that matches exactly this path, because DuckDB's readers accept only globs. */
export function exactPattern(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}

/** Returns the path that was passed to {@link exactPattern}. */
export function withoutPattern(pattern: string): string {
  return pattern.replace(/\[([*?[])\]/g, "$1");
}
