/** Labels with what they may know of each feature, in their order. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { NamedColumn, Plan, Scan, Schema } from "@mlforge/spec";
import * as v from "valibot";
import { tell } from "./job.js";
import { trainingJobSchema } from "./training-job.js";

const { side, labelsFile, featureFiles, memoryLimit, folder } = v.parse(trainingJobSchema, JSON.parse(process.argv[2] ?? ""));
const file = join(folder, "data.parquet");

const started = performance.now();
await (side === "mlforge" ? plans() : sql());
tell({ ms: performance.now() - started, file });

/** One feature after another into a file of its own, so that no more is in memory than for one; then all files side by side. */
async function plans(): Promise<void> {
  await using engine = new DuckDBEngine({ memoryLimit, tempDirectory: folder });
  const column = (name: string, kind: NamedColumn["kind"]): NamedColumn => ({ name, kind, nullable: true });
  const scan = (path: string, columns: Schema): Scan => ({
    op: "scan",
    source: "benchmark",
    format: { kind: "parquet" },
    paths: [pathToFileURL(path).href],
    columns,
  });
  const labels = [column("k", "int64"), column("t", "timestamp")];
  const write = (plan: Plan, path: string): Promise<unknown> => engine.write(plan, { url: pathToFileURL(path).href, format: "parquet" });
  const parts: Scan[] = [];
  for (const [index, featureFile] of featureFiles.entries()) {
    const value = column(`v${index}`, "float64");
    const joined: Plan = {
      op: "asOfJoin",
      left: { op: "number", input: scan(labelsFile, labels), column: "row" },
      right: scan(featureFile, [column("k", "int64"), column("known", "timestamp"), value]),
      on: [{ left: "k", right: "k" }],
      timestamps: { left: "t", right: "known" },
      allowExactMatches: true,
      columns: [{ name: value.name, as: value.name }],
    };
    const columns = index === 0 ? [...labels, value] : [value];
    const part = scan(featureFiles.length === 1 ? file : join(folder, `part-${index}.parquet`), columns);
    const values = columns.map(({ name }) => ({ name, value: { expr: "column", name } as const }));
    await write(
      { op: "project", input: { op: "sort", by: ["row"], input: joined }, columns: values },
      new URL(part.paths[0] ?? "").pathname,
    );
    parts.push(part);
  }
  if (parts.length > 1) await write({ op: "zip", inputs: parts }, file);
}

async function sql(): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", {
    temp_directory: join(folder, "spilled"),
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
  });
  const connection = await instance.connect();
  const values = featureFiles.map((_, index) => `f${index}.v${index}`);
  const joins = featureFiles.map((path, index) => `ASOF LEFT JOIN '${path}' AS f${index} ON l.k = f${index}.k AND l.t >= f${index}.known`);
  const select = `SELECT l.k, l.t, ${values.join(", ")}
FROM (SELECT *, row_number() OVER () AS row FROM '${labelsFile}') AS l ${joins.join("\n")} ORDER BY l.row`;
  await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
}
