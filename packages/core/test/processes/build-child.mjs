// A process that builds one feature of a Parquet file into a folder, and kills itself at a given call on the store.
// Arguments: the folder of the store, the source, and `<index>:<phase>` of the fatal moment, or `none`.
import { count, Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { interceptStore } from "@mlforge/testkit/store";

const [, , folder, path, fatal] = process.argv;
const moments = [];
const offlineStore = interceptStore(new LocalStore(folder), ({ phase, operation }) => {
  moments.push(`${operation.index}:${phase}`);
  if (moments.at(-1) === fatal) process.kill(process.pid, "SIGKILL");
});
const events = source({ path, columns: { user: t.string(), amount: t.int64() } });
const totals = feature({
  name: "totals",
  source: events,
  keys: ["user"],
  transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum(), events: count() })),
});
const defs = new Definitions({ name: "test", features: [totals], offlineStore, engine: new DuckDBEngine({ threads: 1 }) });
const { built, skipped, failed } = await defs.build();
process.stdout.write(JSON.stringify({ moments, built, skipped, failed: failed.map(({ error }) => `${error.code}: ${error.message}`) }));
await defs[Symbol.asyncDispose]();
