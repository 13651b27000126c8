// A process that builds two features of a CSV file, one by the engine and one by a function, and reports why they failed.
// Arguments: the folder of the store, or `memory`, and the source.
import { batches, Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { LocalStore } from "@mlforge/store-local";
import { memoryStore } from "@mlforge/testkit/store";

const [, , folder, path] = process.argv;
const columns = { id: t.int64(), text: t.string() };
const rows = source({ path, columns });
const byEngine = feature({ name: "by_engine", source: rows, keys: ["id"] });
const byFunction = feature({ name: "by_function", source: rows, keys: ["id"], transform: batches({ columns, run: (input) => input }) });
const defs = new Definitions({
  name: "full",
  features: [byEngine, byFunction],
  offlineStore: folder === "memory" ? memoryStore() : new LocalStore(folder),
  engine: new DuckDBEngine({ threads: 1 }),
  format: new ParquetFormat(),
});
const { failed } = await defs.build();
process.stdout.write(JSON.stringify(failed.map(({ feature, error: { code, message } }) => ({ feature, code, message }))));
await defs[Symbol.asyncDispose]();
