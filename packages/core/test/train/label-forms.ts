import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Engine } from "@mlforge/spec";
import { Dictionary, Int32, Int64, Table, TimestampMillisecond, Utf8, vectorFromArray } from "apache-arrow";
import { type Labels, source, t } from "../../src/index.js";

/** A label that every form of labels can hold. */
export interface FormRow {
  readonly id: number;
  readonly a: string | null;
  readonly b: string | null;
  readonly at: Date | null;
}

const formColumns = { id: t.int64(), a: t.string(), b: t.string(), at: t.timestamp() };

export const formNames = ["objects", "arrow", "parquet", "url", "glob", "list", "csv", "ndjson"] as const;

/** The same labels in one of the forms. Files are written into a new folder below `parent`. */
export async function labelForm(
  form: (typeof formNames)[number],
  rows: readonly FormRow[],
  parent: string,
  engine: Engine,
): Promise<Labels> {
  const folder = join(parent, `labels_${form}`);
  await mkdir(folder);
  const half = Math.ceil(rows.length / 2);
  switch (form) {
    case "objects":
      return rows.map((row) => ({ ...row }));
    case "arrow":
      return new Table({
        id: vectorFromArray(
          rows.map(({ id }) => BigInt(id)),
          new Int64(),
        ),
        a: vectorFromArray(
          rows.map(({ a }) => a),
          new Utf8(),
        ),
        b: vectorFromArray(
          rows.map(({ b }) => b),
          new Dictionary(new Utf8(), new Int32()),
        ),
        at: vectorFromArray(
          rows.map(({ at }) => at),
          new TimestampMillisecond(),
        ),
      });
    case "parquet":
      return writeParquet(join(folder, "all.parquet"), rows, engine);
    case "url":
      return pathToFileURL(await writeParquet(join(folder, "all.parquet"), rows, engine));
    case "glob":
      // Written in another order than they are read in.
      await writeParquet(join(folder, "b.parquet"), rows.slice(half), engine);
      await writeParquet(join(folder, "a.parquet"), rows.slice(0, half), engine);
      return join(folder, "*.parquet");
    case "list":
      return [
        await writeParquet(join(folder, "b.parquet"), rows.slice(half), engine),
        pathToFileURL(await writeParquet(join(folder, "a.parquet"), rows.slice(0, half), engine)),
      ];
    case "csv":
      await writeFile(join(folder, "all.csv"), `id,a,b,at\n${rows.map(csvLine).join("")}`);
      return source({ path: join(folder, "all.csv"), columns: formColumns });
    case "ndjson":
      await writeFile(join(folder, "all.ndjson"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      return source({ path: join(folder, "all.ndjson"), columns: formColumns });
  }
}

function csvLine({ id, a, b, at }: FormRow): string {
  const text = (value: string | null): string => (value === null ? "" : `"${value.replaceAll('"', '""')}"`);
  return `${id},${text(a)},${text(b)},${at?.toISOString() ?? ""}\n`;
}

async function writeParquet(path: string, rows: readonly FormRow[], engine: Engine): Promise<string> {
  const text = (value: string | null): string => (value === null ? "NULL" : `'${value.replaceAll("'", "''")}'`);
  const tuples = rows.map(({ id, a, b, at }) => `(${id}, ${text(a)}, ${text(b)}, ${text(at?.toISOString().slice(0, -1) ?? null)})`);
  const typed = 'SELECT id::BIGINT AS id, a::VARCHAR AS a, b::VARCHAR AS b, "at"::TIMESTAMP AS "at"';
  const values = rows.length === 0 ? "VALUES (NULL, NULL, NULL, NULL)" : `VALUES ${tuples.join(", ")}`;
  const query = `${typed} FROM (${values}) AS t(id, a, b, "at")${rows.length === 0 ? " LIMIT 0" : ""}`;
  const columns = Object.entries(formColumns).map(([name, column]) => ({ name, ...column }));
  await engine.write({ op: "sql", query, inputs: {}, columns }, { url: pathToFileURL(path).href, format: "parquet" });
  return path;
}
