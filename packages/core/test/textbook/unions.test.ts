import { count, literal } from "../../src/index.js";
import { lineRows, lines, paymentRows, payments, touches, touchRows } from "./tables.js";
import { from, sameRows } from "./textbook.js";

const spent = from(payments)
  .select({ who: "card" }, "at", { money: "amount" })
  .derive(() => ({ channel: literal("card") }));
const clicked = from(touches)
  .filter(({ action }) => action.ne("view"))
  .derive(() => ({ channel: literal("web") }));
const everything = spent.union(clicked.select("channel", { who: "visitor", money: "revenue" }, "at"));
const all = `SELECT card AS who, "at", amount AS money, 'card' AS channel FROM payments
  UNION ALL SELECT visitor, "at", revenue, 'web' FROM touches WHERE action <> 'view'`;

sameRows("events of two sources", [paymentRows, touchRows], everything, all);

sameRows(
  "the first and last money of each person over two sources, with ties by value",
  [paymentRows, touchRows],
  everything.groupBy("channel", "at").aggregate(({ money, at, who }) => ({
    n: count(),
    first: money.firstBy(at),
    last: who.lastBy(at),
    people: who.countDistinct(),
  })),
  `SELECT channel, "at", count(*) AS n, arg_min(money, ("at", money)) AS first, arg_max(who, ("at", who)) AS last, count(DISTINCT who) AS people
   FROM (${all}) GROUP BY channel, "at"`,
);

sameRows(
  "a union below a join and a distinct",
  [paymentRows, lineRows],
  from(payments)
    .select({ id: "id" })
    .union(from(lines).select("id"))
    .distinct()
    .join(from(payments).select("id", "merchant"), { on: "id", type: "left" })
    .groupBy("merchant")
    .aggregate(({ id }) => ({ ids: id.count(), greatest: id.max() })),
  "SELECT merchant, count(id) AS ids, max(id) AS greatest FROM (SELECT id FROM payments UNION SELECT id FROM lines) LEFT JOIN payments USING (id) GROUP BY merchant",
);
