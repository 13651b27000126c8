import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { runChild } from "./run-child.js";

/** How two files that must hold the same rows in the same order agree. Throws if they do not. */
export async function expectSame(ours: string, theirs: string): Promise<"bytes" | "rows"> {
  if ((await sha256(ours)) === (await sha256(theirs))) return "bytes";
  const [a, b] = [await digestOfRows(ours), await digestOfRows(theirs)];
  if (a !== b) throw new Error(`${ours} and ${theirs} differ: ${a} and ${b}`);
  return "rows";
}

/** The columns with their types, the number of rows, and a sum over the hashes of all rows with their numbers. */
async function digestOfRows(file: string): Promise<string> {
  const columns = await runChild("sql", { statement: `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '${file}')` });
  const numbered = `(SELECT hash(r) AS digest FROM (SELECT * FROM read_parquet('${file}', file_row_number = true)) AS r)`;
  const rows = await runChild("sql", { statement: `SELECT count(*) AS rows, sum(digest) AS digest FROM ${numbered}` });
  // SQL by hand writes local timestamps, mlforge the same ones adjusted to UTC.
  return `${columns.output.trim().replaceAll(" WITH TIME ZONE", "")} ${rows.output.trim()}`;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
