import { describe } from "vitest";
import { count, literal } from "../../src/index.js";
import { lineRows, lines, paymentRows, payments, touches, touchRows } from "./tables.js";
import { from, sameRows } from "./textbook.js";

const cards = from(payments).groupBy("card", ({ at }) => ({ known: at.truncate("7d").plusDuration("7d") }));
const week = `time_bucket(INTERVAL 7 DAYS, "at", TIMESTAMP '1970-01-01') + INTERVAL 7 DAYS AS known`;

describe("fraud, by card and week:", () => {
  sameRows(
    "the share of declined payments",
    [paymentRows],
    cards.aggregate(({ declined }) => ({ declined_share: count({ where: declined }).dividedBy(count()) })),
    `SELECT card, ${week}, count(*) FILTER (WHERE declined) / count(*) AS declined_share FROM payments GROUP BY ALL`,
  );
  sameRows(
    "the share of the amount spent abroad",
    [paymentRows],
    cards.aggregate(({ amount, country, home }) => ({
      abroad: amount
        .sum({ where: country.ne(home) })
        .coalesce(0)
        .dividedBy(amount.sum()),
    })),
    `SELECT card, ${week}, coalesce(sum(amount) FILTER (WHERE country <> home), 0) / nullif(sum(amount), 0) AS abroad FROM payments GROUP BY ALL`,
  );
  sameRows(
    "the coefficient of variation of amounts",
    [paymentRows],
    cards.aggregate(({ amount }) => ({ variation: amount.std().dividedBy(amount.mean()) })),
    `SELECT card, ${week}, stddev_samp(amount) / nullif(avg(amount), 0) AS variation FROM payments GROUP BY ALL`,
  );
  sameRows(
    "the greatest payment in standard deviations above the mean (z score)",
    [paymentRows],
    cards.aggregate(({ amount }) => ({ z: amount.max().minus(amount.mean()).dividedBy(amount.std()) })),
    `SELECT card, ${week}, (max(amount) - avg(amount)) / nullif(stddev_samp(amount), 0) AS z FROM payments GROUP BY ALL`,
  );
  sameRows(
    "different merchants at night",
    [paymentRows],
    cards.aggregate(({ merchant, at }) => ({ night_merchants: merchant.countDistinct({ where: at.hour().lt(6) }) })),
    `SELECT card, ${week}, count(DISTINCT merchant) FILTER (WHERE hour("at") < 6) AS night_merchants FROM payments GROUP BY ALL`,
  );
});

describe("retail, by day:", () => {
  const day = `time_bucket(INTERVAL 1 DAY, "at") + INTERVAL 1 DAY AS known`;
  sameRows(
    "the return rate of a product, in pieces",
    [lineRows],
    from(lines)
      .groupBy("product", ({ at }) => ({ known: at.truncate("1d").plusDuration("1d") }))
      .aggregate(({ quantity, returned }) => ({ return_rate: quantity.sum({ where: returned }).coalesce(0).dividedBy(quantity.sum()) })),
    `SELECT product, ${day}, coalesce(sum(quantity) FILTER (WHERE returned), 0) / sum(quantity) AS return_rate FROM lines GROUP BY ALL`,
  );
  sameRows(
    "the average value of a basket",
    [lineRows],
    from(lines)
      .groupBy(({ at }) => ({ known: at.truncate("1d").plusDuration("1d") }), "category")
      .aggregate(({ price, quantity, basket }) => ({
        basket_value: price
          .times(quantity.cast("decimal", 10, 0))
          .sum()
          .dividedBy(basket.countDistinct()),
      })),
    `SELECT ${day}, category, CAST(sum(price * quantity) AS DOUBLE) / count(DISTINCT basket) AS basket_value FROM lines GROUP BY ALL`,
  );
  sameRows(
    "pieces and returns by category, each in a column of its own",
    [lineRows],
    from(lines)
      .groupBy("customer", ({ at }) => ({ known: at.truncate("7d").plusDuration("7d") }))
      .pivot({
        column: "category",
        values: ["food", "toys"],
        aggregate: ({ quantity, returned }) => ({
          pieces: quantity.sum(),
          return_rate: quantity.sum({ where: returned }).coalesce(0).dividedBy(quantity.sum()),
        }),
      }),
    `SELECT customer, ${week}, sum(quantity) FILTER (WHERE category = 'food') AS pieces_food,
       coalesce(sum(quantity) FILTER (WHERE returned AND category = 'food'), 0) / sum(quantity) FILTER (WHERE category = 'food') AS return_rate_food,
       sum(quantity) FILTER (WHERE category = 'toys') AS pieces_toys,
       coalesce(sum(quantity) FILTER (WHERE returned AND category = 'toys'), 0) / sum(quantity) FILTER (WHERE category = 'toys') AS return_rate_toys
     FROM lines GROUP BY ALL`,
  );
  sameRows(
    "recency, frequency, and monetary value (RFM) at the end of 2024-02",
    [lineRows],
    from(lines)
      .filter(({ at }) => at.before(new Date("2024-03-01")))
      .groupBy("customer")
      .aggregate(({ at, basket, price }) => ({
        last: at.max(),
        frequency: basket.countDistinct(),
        monetary: price.sum(),
        span: at.min().microsecondsUntil(at.max()),
      }))
      .derive(({ last }) => ({ recency: last.microsecondsUntil(literal(new Date("2024-03-01"))) })),
    `SELECT customer, max("at") AS last, count(DISTINCT basket) AS frequency, sum(price) AS monetary, epoch_us(max("at")) - epoch_us(min("at")) AS span,
       epoch_us(TIMESTAMP '2024-03-01') - epoch_us(max("at")) AS recency FROM lines WHERE "at" < '2024-03-01' GROUP BY ALL`,
  );
});

describe("marketing, by campaign and day:", () => {
  const campaigns = from(touches).groupBy("campaign", ({ at }) => ({ known: at.truncate("1d").plusDuration("1d") }));
  const day = `time_bucket(INTERVAL 1 DAY, "at") + INTERVAL 1 DAY AS known`;
  sameRows(
    "the click-through rate",
    [touchRows],
    campaigns.aggregate(({ action }) => ({
      ctr: count({ where: action.eq("click") }).dividedBy(count({ where: action.eq("view") })),
    })),
    `SELECT campaign, ${day}, count(*) FILTER (WHERE action = 'click') / nullif(count(*) FILTER (WHERE action = 'view'), 0) AS ctr FROM touches GROUP BY ALL`,
  );
  sameRows(
    "the cost per acquisition and the return on ad spend",
    [touchRows],
    campaigns.aggregate(({ cost, revenue, action }) => ({
      cpa: cost.sum().dividedBy(count({ where: action.eq("buy") })),
      roas: revenue.sum().coalesce(0).dividedBy(cost.sum()),
    })),
    `SELECT campaign, ${day}, sum(cost) / nullif(count(*) FILTER (WHERE action = 'buy'), 0) AS cpa,
       coalesce(sum(revenue), 0) / nullif(sum(cost), 0) AS roas FROM touches GROUP BY ALL`,
  );
});
