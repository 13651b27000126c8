import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plan, Schema } from "@mlforge/spec";
import { type Text, table } from "./plans.js";

/** A scan of rows in a new file, which takes the engine less than as many constants would. */
export async function ndjson(folder: string, name: string, columns: Schema, rows: readonly (readonly Text[])[]): Promise<Plan> {
  if (rows.length === 0) return table(columns, rows);
  const path = join(folder, name);
  const lines = rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null]))));
  await writeFile(path, `${lines.join("\n")}\n`);
  return { op: "scan", source: name, format: { kind: "ndjson" }, paths: [pathToFileURL(path).href], columns };
}
