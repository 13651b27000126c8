import { existsSync, renameSync } from "node:fs";
import { runChild } from "./run-child.js";

const formats = { csv: "FORMAT csv, HEADER", ndjson: "FORMAT json", "csv.gz": "FORMAT csv, HEADER, COMPRESSION gzip" } as const;

/** The rows of a Parquet file as text beside it, made on the first call. */
export async function textOf(parquet: string, ending: keyof typeof formats): Promise<string> {
  const path = parquet.replace(/\.parquet$/, `.${ending}`);
  if (existsSync(path)) return path;
  const made = `${path}.${process.pid}`;
  await runChild("sql", { statement: `COPY (SELECT * FROM '${parquet}') TO '${made}' (${formats[ending]})` });
  renameSync(made, path);
  return path;
}
