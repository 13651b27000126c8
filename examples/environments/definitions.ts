import { count, Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { S3Store } from "@mlforge/store-s3";

const transactions = source({
  name: "transactions",
  path: "data/transactions.csv",
  columns: { user_id: t.string(), amount: t.float64() },
});

/** What each user spent, all in all. */
export const userTotalSpend = feature({
  name: "user_total_spend",
  source: transactions,
  keys: ["user_id"],
  transform: (rows) => rows.groupBy("user_id").aggregate(({ amount }) => ({ purchases: count(), total_spend: amount.sum() })),
});

/** Credentials and region are found as the AWS SDK finds them. */
export const defs = new Definitions({
  name: "user-features",
  features: [userTotalSpend],
  engine: new DuckDBEngine(),
  defaultProfile: process.env.ENVIRONMENT ?? "local",
  profiles: {
    local: () => ({ offlineStore: new LocalStore("./feature_store") }),
    dev: () => ({ offlineStore: new S3Store({ bucket: "mlforge-features", prefix: "dev/features" }) }),
    staging: () => ({ offlineStore: new S3Store({ bucket: "mlforge-features", prefix: "staging/features" }) }),
    prod: () => ({ offlineStore: new S3Store({ bucket: "mlforge-features-prod", prefix: "features" }) }),
  },
});
