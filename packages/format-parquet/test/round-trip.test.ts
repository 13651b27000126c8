import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ParquetFormat } from "@mlforge/format-parquet";
import { type ColumnKind, columnKinds, isNested, type Schema } from "@mlforge/spec";
import { batchOf, collect, type RandomRows, randomRows, randomSizes } from "@mlforge/testkit/format";
import type { RecordBatch } from "apache-arrow";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const format = new ParquetFormat();

/** The rows in batches of the given sizes, the last one repeated. */
async function* batches({ columns, rows }: RandomRows, sizes: readonly number[]): AsyncGenerator<RecordBatch> {
  for (let start = 0, batch = 0; start < rows.length; batch++) {
    const size = sizes[Math.min(batch, sizes.length - 1)] ?? 1;
    yield batchOf(columns, rows.slice(start, start + size));
    start += size;
  }
}

/** The kinds whose values SQL shows as plain values. */
const scalars = columnKinds.filter((kind) => !isNested({ kind }));

describe("a file that encode wrote, in DuckDB", () => {
  let folder: string;
  let connection: DuckDBConnection;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-parquet-"));
    connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run("set timezone = 'UTC'");
    // The cases are files of one name, written one after another within a second, which the cache would mix up.
    await connection.run("set enable_external_file_cache = false");
  });
  afterAll(async () => {
    connection.closeSync();
    await rm(folder, { recursive: true });
  });

  it("has the same rows", async () => {
    const path = join(folder, "data.parquet");
    await fc.assert(
      fc.asyncProperty(randomRows(scalars), randomSizes, async (data, batchSizes) => {
        await writeFile(path, await collect(format.encode(batches(data, batchSizes), data.columns)));
        const result = await connection.runAndReadAll(`select ${data.columns.map(plainSql).join(", ")} from '${path}'`);
        expect(result.getRows()).toEqual(data.rows);
      }),
      { numRuns: 60 },
    );
  });

  it("is compressed with zstd in row groups of 122,880 rows", async () => {
    const path = join(folder, "groups.parquet");
    const columns: Schema = [{ name: "n", kind: "int32", nullable: false }];
    const rows = Array.from({ length: 200_000 }, (_, row) => [row]);
    await writeFile(path, await collect(format.encode(batches({ columns, rows }, [50_000]), columns)));
    const result = await connection.runAndReadAll(
      `select compression, row_group_num_rows from parquet_metadata('${path}') order by row_group_id`,
    );
    expect(result.getRowsJson()).toEqual([
      ["ZSTD", "122880"],
      ["ZSTD", "77120"],
    ]);
  });

  it("is a table without rows where there was no batch", async () => {
    const path = join(folder, "empty.parquet");
    const columns: Schema = [
      { name: "name", kind: "string", nullable: true },
      { name: "price", kind: "decimal", precision: 9, scale: 2, nullable: false },
    ];
    await writeFile(path, await collect(format.encode(batches({ columns, rows: [] }, [1]), columns)));
    const described = await connection.runAndReadAll(`select column_name, column_type from (describe from '${path}')`);
    expect(described.getRowsJson()).toEqual([
      ["name", "VARCHAR"],
      ["price", "DECIMAL(9,2)"],
    ]);
    const counted = await connection.runAndReadAll(`select count(*) from '${path}'`);
    expect(counted.getRowsJson()).toEqual([["0"]]);
  });
});

/** SQL for a column as the plain value of a test. */
function plainSql({ name, kind }: Schema[number]): string {
  const column = `"${name}"`;
  const sql: Partial<Record<ColumnKind, string>> = {
    int64: `${column}::varchar`,
    time: `date_diff('microsecond', time '00:00:00', ${column})::varchar`,
    timestamp: `epoch_us(${column})::varchar`,
    date: `date_diff('day', date '1970-01-01', ${column})::integer`,
    decimal: `replace(${column}::varchar, '.', '')::decimal(38, 0)::varchar`,
    bytes: `lower(hex(${column}))`,
  };
  return sql[kind] ?? column;
}
