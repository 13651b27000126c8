/** Labels with what they may know of each feature, in their order. */
import { join } from "node:path";
// The engine would load it on its first call, within the measured time.
import { DuckDBInstance } from "@duckdb/node-api";
import * as v from "valibot";
import { tell } from "./job.js";
import { labelsAs } from "./labels-as.js";
import { publishedFile, trainingDefinitions } from "./training-features.js";
import { trainingJobSchema } from "./training-job.js";

const { side, labelsFile, form, features, featureRows, memoryLimit, folder } = v.parse(
  trainingJobSchema,
  JSON.parse(process.argv[2] ?? ""),
);
const file = join(folder, "data.parquet");

// The values of labels that come as objects or as an Arrow table exist before the measured time.
const labels = side === "sql" ? labelsFile : await labelsAs(form, labelsFile);
const started = performance.now();
await (side === "mlforge" ? mlforge() : sql());
tell({ ms: performance.now() - started, file });

async function mlforge(): Promise<void> {
  await using definitions = trainingDefinitions(features, featureRows, { memoryLimit, tempDirectory: folder });
  const training = await definitions.getTrainingData({ labels, timestamp: "t", features: definitions.features });
  await training.write(file);
}

async function sql(): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", {
    temp_directory: join(folder, "spilled"),
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
  });
  const connection = await instance.connect();
  const files = Array.from({ length: features }, (_, index) => publishedFile(index, featureRows));
  const values = files.map((_, index) => `f${index}.v${index}`);
  const joins = files.map((path, index) => `ASOF LEFT JOIN '${path}' AS f${index} ON l.k = f${index}.k AND l.t >= f${index}.known`);
  const select = `SELECT l.k, l.t, ${values.join(", ")}
FROM (SELECT *, row_number() OVER () AS row FROM '${labelsFile}') AS l ${joins.join("\n")} ORDER BY l.row`;
  await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
}
