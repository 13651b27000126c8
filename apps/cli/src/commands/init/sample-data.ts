import type { DataSource } from "./data-source.js";
import { sampleOrders } from "./sample-orders.js";

/** Returns sample orders, a feature over time windows, and a feature over all rows. */
export function sampleData(): DataSource {
  return {
    imports: ["count", "entity", "feature", "source", "t"],
    text: `/** Orders of a shop. An order is known from the time it was placed. */
const orders = source({
  path: "data/orders.csv",
  columns: {
    order_id: t.int64(),
    ordered_at: t.timestamp(),
    customer: t.string(),
    amount: t.float64(),
  },
  timestamp: "ordered_at",
});

const customer = entity({ name: "customer", keys: ["customer"] });

/** Recent spending of each customer. Labels do not see the orders of a day before it is over. */
export const customerSpend = feature({
  name: "customer_spend",
  description: "Orders of a customer over the last 7 and 30 days",
  source: orders,
  entities: [customer],
  rolling: { every: "1d", windows: ["7d", "30d"], aggregations: { amount: ["sum", "mean", "count"] } },
});

/** Total spending of each customer. */
export const customerTotals = feature({
  name: "customer_totals",
  description: "All orders of a customer",
  source: orders,
  entities: [customer],
  transform: (rows) =>
    rows.groupBy("customer").aggregate(({ amount, ordered_at }) => ({
      orders: count(),
      total_spend: amount.sum(),
      largest_order: amount.max(),
      last_order_at: ordered_at.max(),
    })),
});
`,
    features: [
      { constant: "customerSpend", name: "customer_spend", about: "the orders of each customer over the last 7 and 30 days" },
      { constant: "customerTotals", name: "customer_totals", about: "all orders of each customer" },
    ],
    files: { "data/orders.csv": sampleOrders() },
  };
}
