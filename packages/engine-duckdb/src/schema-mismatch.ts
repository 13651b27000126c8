import { MlforgeError, type Scan } from "@mlforge/spec";

/** Makes the error for files whose columns differ from the declared ones or, if undeclared, cannot be named. */
export function schemaMismatch({ source, columns }: Scan, problems: readonly string[]): MlforgeError<"SCHEMA_MISMATCH"> {
  const text = problems.join("; ");
  const message =
    columns === undefined
      ? `source "${source}" has columns that cannot be named: ${text}; rename them in the file, or declare the columns to read`
      : `source "${source}" has other columns than declared: ${text}; correct its declared columns`;
  return new MlforgeError("SCHEMA_MISMATCH", message, { where: `source "${source}"`, problems });
}
