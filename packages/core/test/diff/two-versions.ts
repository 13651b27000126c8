import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Engine } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { Definitions, feature, source, t } from "../../src/index.js";

/** A row of the tables below. Doubles may be NaN and infinite. */
export interface Cells {
  readonly k: string;
  readonly at: number;
  readonly whole: number | null;
  readonly real: number | null;
  readonly exact: string | null;
  readonly word: string | null;
  readonly flag: boolean | null;
  readonly day: string | null;
}

const columns = {
  k: t.string({ nullable: false }),
  at: t.timestamp({ nullable: false }),
  whole: t.int64(),
  real: t.float64(),
  exact: t.decimal(18, 2),
  word: t.string(),
  flag: t.boolean(),
  day: t.date(),
};

export async function openConnection(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create()).connect();
}

/** Writes rows as Parquet, past mlforge. */
async function writeRows(connection: DuckDBConnection, path: string, rows: readonly Cells[]): Promise<void> {
  const text = (value: string | number | boolean | null): string => (value === null ? "NULL" : `'${String(value).replaceAll("'", "''")}'`);
  const values = rows.map(
    ({ k, at, whole, real, exact, word, flag, day }) =>
      `(${text(k)}, make_timestamp(${at}), CAST(${text(whole)} AS BIGINT), CAST(${text(real)} AS DOUBLE), CAST(${text(exact)} AS DECIMAL(18,2)), ${text(word)}, CAST(${text(flag)} AS BOOLEAN), CAST(${text(day)} AS DATE))`,
  );
  const names = Object.keys(columns)
    .map((name) => `"${name}"`)
    .join(", ");
  const typed = "('', make_timestamp(0), 0::BIGINT, 0::DOUBLE, 0::DECIMAL(18,2), '', true, DATE '2000-01-01')";
  const all = [typed, ...values].map((row, index) => row.replace(/\)$/, `, ${index})`)).join(", ");
  await connection.run(`COPY (SELECT ${names} FROM (VALUES ${all}) r(${names}, i) WHERE i > 0) TO '${path}' (FORMAT parquet)`);
}

/** Publishes both tables as versions 1.0.0 and 1.0.1 of a feature. */
export async function publishBoth(
  folder: string,
  connection: DuckDBConnection,
  engine: Engine,
  tables: readonly [readonly Cells[], readonly Cells[]],
): Promise<Definitions> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "rows.parquet");
  const defs = new Definitions({
    name: "diff",
    features: [feature({ name: "f", source: source({ path, columns, timestamp: "at" }), keys: ["k"] })],
    offlineStore: new LocalStore(join(folder, "store")),
    engine,
  });
  for (const [index, rows] of tables.entries()) {
    await writeRows(connection, path, rows);
    const { built, failed } = await defs.build({ force: true });
    if (built[0]?.version !== `1.0.${index}`) throw new Error(`not built: ${failed[0]?.error.message}`);
  }
  await writeFile(path, "");
  return defs;
}
