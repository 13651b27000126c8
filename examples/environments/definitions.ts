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

/** The store of the environment that ENVIRONMENT names. Credentials and region are found as the AWS SDK finds them. */
function getStore(environment = "local"): LocalStore | S3Store {
  switch (environment) {
    case "local":
      return new LocalStore("./feature_store");
    case "dev":
      return new S3Store({ bucket: "mlforge-features", prefix: "dev/features" });
    case "staging":
      return new S3Store({ bucket: "mlforge-features", prefix: "staging/features" });
    case "prod":
      return new S3Store({ bucket: "mlforge-features-prod", prefix: "features" });
    default:
      throw new Error(`ENVIRONMENT is "${environment}"; set it to local, dev, staging or prod`);
  }
}

export const defs = new Definitions({
  name: "user-features",
  features: [userTotalSpend],
  offlineStore: getStore(process.env.ENVIRONMENT),
  engine: new DuckDBEngine(),
});
