import { describe } from "vitest";
import { count } from "../../src/index.js";
import { lineRows, lines, paymentRows, payments, touches, touchRows } from "./tables.js";
import { from, sameRows } from "./textbook.js";

/** Selects values of windows, in days, over the rows in them, at every time at which a day enters or leaves one of them. Undefined has no beginning. */
function windows(table: string, key: string, values: Readonly<Record<string, readonly [days: number | undefined, value: string]>>): string {
  const lengths = [...new Set(Object.values(values).map(([days]) => days))];
  const joined = Object.entries(values).map(([name, [days, value]]) => {
    const within = days === undefined ? "" : ` AND e.b > c.b - INTERVAL ${days} DAYS`;
    return `(SELECT ${value} FROM e WHERE e.${key} = c.${key} AND e.b <= c.b${within}) AS ${name}`;
  });
  const changes = lengths.map((days) => `SELECT ${key}, b${days === undefined ? "" : ` + INTERVAL ${days} DAYS`} FROM e`);
  return `WITH e AS (SELECT *, time_bucket(INTERVAL 1 DAY, "at") + INTERVAL 1 DAY AS b FROM ${table}),
    c AS (SELECT ${key}, b FROM e UNION ${changes.join(" UNION ")})
    SELECT ${key}, b AS "at", ${joined.join(", ")} FROM c`;
}

describe("fraud, by card:", () => {
  sameRows(
    "velocity: payments and merchants in a day and a week, and the ratio of both",
    [paymentRows],
    from(payments)
      .rolling({
        keys: ["card"],
        every: "1d",
        windows: ["1d", "7d"],
        aggregate: ({ merchant }) => ({ payments: count(), merchants: merchant.countDistinct() }),
      })
      .derive(({ payments_1d, payments_7d }) => ({ burst: payments_1d.dividedBy(payments_7d) })),
    windows("payments", "card", {
      payments_1d: [1, "count(*)"],
      payments_7d: [7, "count(*)"],
      merchants_1d: [1, "count(DISTINCT merchant)"],
      merchants_7d: [7, "count(DISTINCT merchant)"],
      burst: [7, "count(*) FILTER (WHERE e.b > c.b - INTERVAL 1 DAY) / nullif(count(*), 0)"],
    }),
  );
  sameRows(
    "the amount against the usual amount of the card, since its first payment",
    [paymentRows],
    from(payments)
      .rolling({
        keys: ["card"],
        every: "1d",
        windows: ["1d", "lifetime"],
        aggregate: ({ amount }) => ({ spent: amount.sum(), usual: amount.mean(), greatest: amount.quantile(0.9) }),
      })
      .derive((row) => ({ unusual: row.spent_1d.dividedBy(row.usual_lifetime) }))
      .select("card", "at", "greatest_lifetime", "unusual"),
    `SELECT card, "at", greatest_lifetime, spent / nullif(usual, 0) AS unusual FROM (${windows("payments", "card", {
      greatest_lifetime: [undefined, "quantile_cont(amount, 0.9)"],
      spent: [1, "sum(amount)"],
      usual: [undefined, "avg(amount)"],
    })})`,
  );
  sameRows(
    "declines: any in three days, and the share of them in two weeks",
    [paymentRows],
    from(payments).rolling({
      keys: ["card"],
      every: "1d",
      windows: ["3d", "14d"],
      aggregate: ({ declined, amount, country, home }) => ({
        any: declined.any(),
        all: declined.every(),
        share: count({ where: declined }).dividedBy(count()),
        abroad: amount.max({ where: country.ne(home) }),
      }),
    }),
    windows("payments", "card", {
      any_3d: [3, "bool_or(declined)"],
      any_14d: [14, "bool_or(declined)"],
      all_3d: [3, "bool_and(declined)"],
      all_14d: [14, "bool_and(declined)"],
      share_3d: [3, "count(*) FILTER (WHERE declined) / nullif(count(*), 0)"],
      share_14d: [14, "count(*) FILTER (WHERE declined) / nullif(count(*), 0)"],
      abroad_3d: [3, "max(amount) FILTER (WHERE country <> home)"],
      abroad_14d: [14, "max(amount) FILTER (WHERE country <> home)"],
    }),
  );
});

describe("a window whose columns are not used", () => {
  sameRows(
    "has its rows all the same",
    [paymentRows],
    from(payments)
      .rolling({ keys: ["card"], every: "1d", windows: ["1d", "7d"], aggregate: () => ({ payments: count() }) })
      .select("card", "at", "payments_7d"),
    `SELECT card, "at", payments_7d FROM (${windows("payments", "card", { payments_7d: [7, "count(*)"], payments_1d: [1, "count(*)"] })})`,
  );
});

describe("retail, by customer:", () => {
  sameRows(
    "the favorite category, the last product, and the last three baskets in a month",
    [lineRows],
    from(lines).rolling({
      keys: ["customer"],
      every: "1d",
      windows: ["30d"],
      aggregate: ({ category, product, basket, at }) => ({
        favorite: category.mode(),
        top: product.topK(2),
        last: product.lastBy(at),
        first: product.firstBy(at),
        baskets: basket.collect({ by: at, descending: true, limit: 3 }),
      }),
    }),
    windows("lines", "customer", {
      favorite_30d: [
        30,
        "(SELECT v FROM (SELECT unnest(list(category)) AS v) WHERE v IS NOT NULL GROUP BY v ORDER BY count(*) DESC, v LIMIT 1)",
      ],
      top_30d: [
        30,
        "(SELECT list(v ORDER BY n DESC, v) FROM (SELECT v, count(*) AS n FROM (SELECT unnest(list(product)) AS v) GROUP BY v ORDER BY n DESC, v LIMIT 2))",
      ],
      last_30d: [30, 'arg_max(product, ("at", product))'],
      first_30d: [30, 'arg_min(product, ("at", product))'],
      baskets_30d: [30, 'list(basket ORDER BY "at" DESC, basket)[1:3]'],
    }),
  );
});

describe("marketing, by visitor:", () => {
  sameRows(
    "channels touched, and revenue by cost, since the first touch",
    [touchRows],
    from(touches).rolling({
      keys: ["visitor"],
      every: "1d",
      windows: ["lifetime"],
      aggregate: ({ channel, revenue, cost, action }) => ({
        channels: channel.countDistinct({ where: action.ne("view") }),
        roas: revenue.sum().coalesce(0).dividedBy(cost.sum()),
      }),
    }),
    windows("touches", "visitor", {
      channels_lifetime: [undefined, "count(DISTINCT channel) FILTER (WHERE action <> 'view')"],
      roas_lifetime: [undefined, "coalesce(sum(revenue), 0) / nullif(sum(cost), 0)"],
    }),
  );
});
