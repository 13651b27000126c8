// Builds one feature in S3: node build-child.mjs <endpoint> <bucket> <prefix> <cache>. Prints what became of it.
import { Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { S3Store } from "@mlforge/store-s3";

const [endpoint, bucket, prefix, path] = process.argv.slice(2);
const spend = feature({
  name: "spend",
  source: source({ name: "events", path: `s3://${bucket}/${prefix}/events.parquet`, columns: { user: t.string(), amount: t.int64() } }),
  keys: ["user"],
  transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
});
const defs = new Definitions({
  name: "child",
  features: [spend],
  offlineStore: new S3Store({ bucket, prefix, endpoint, region: "us-east-1", forcePathStyle: true }),
  engine: new DuckDBEngine({ threads: 1 }),
  cache: { path },
});
// Each is forced, so that each wants a number of its own.
const { built, skipped, failed } = await defs.build({ force: true });
await defs[Symbol.asyncDispose]();
process.stdout.write(
  JSON.stringify({
    built: built.map(({ version }) => version),
    skipped: skipped.map(({ version }) => version),
    failed: failed.map(({ error }) => String(error)),
  }),
);
