import { MlforgeError, type Scan } from "@mlforge/spec";

/** Returns the error of files whose columns are not the declared ones or, where none are declared, cannot be named. */
export function schemaMismatch({ source, columns }: Scan, problems: readonly string[]): MlforgeError<"SCHEMA_MISMATCH"> {
  const text = problems.join("; ");
  const message =
    columns === undefined
      ? `source "${source}" has columns that cannot be named: ${text}; rename them in the file, or declare the columns to read`
      : `source "${source}" has other columns than declared: ${text}; correct its declared columns`;
  return new MlforgeError("SCHEMA_MISMATCH", message, { where: `source "${source}"`, problems });
}
