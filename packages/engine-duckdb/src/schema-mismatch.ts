import { MlforgeError, type Scan } from "@mlforge/spec";

/** The error of files whose columns are not the declared ones. */
export function schemaMismatch({ source }: Scan, problems: readonly string[]): MlforgeError<"SCHEMA_MISMATCH"> {
  const message = `source "${source}" has other columns than declared: ${problems.join("; ")}; correct its declared columns`;
  return new MlforgeError("SCHEMA_MISMATCH", message, { where: `source "${source}"`, problems });
}
