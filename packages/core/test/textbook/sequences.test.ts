import { paymentRows, payments, touches, touchRows } from "./tables.js";
import { from, sameRows } from "./textbook.js";

sameRows(
  "fraud: the number of the payment, the time since the one before, and the amount against the third before",
  [paymentRows],
  from(payments)
    .sequence({
      keys: ["card"],
      thenBy: ["id"],
      columns: { payment_number: "rowNumber", previous_at: { lag: "at" }, earlier: { lag: "amount", offset: 3 } },
    })
    .derive(({ at, previous_at, amount, earlier }) => ({ pause: previous_at.microsecondsUntil(at), more: amount.minus(earlier) }))
    .select("id", "payment_number", "pause", "more"),
  `SELECT id, row_number() OVER w AS payment_number, epoch_us("at") - epoch_us(lag("at") OVER w) AS pause,
   amount - lag(amount, 3) OVER w AS more FROM payments WINDOW w AS (PARTITION BY card ORDER BY "at", id)`,
);

sameRows(
  "marketing: the channel before a click, for each first touch of a campaign",
  [touchRows],
  from(touches)
    .sequence({ keys: ["visitor"], thenBy: ["id"], columns: { before: { lag: "channel" } } })
    .sequence({ keys: ["visitor", "campaign"], thenBy: ["id"], columns: { touch: "rowNumber" } })
    .filter(({ touch }) => touch.eq(1))
    .select("visitor", "campaign", "at", "before"),
  `SELECT visitor, campaign, "at", before FROM (
     SELECT *, lag(channel) OVER (PARTITION BY visitor ORDER BY "at", id) AS before,
       row_number() OVER (PARTITION BY visitor, campaign ORDER BY "at", id) AS touch FROM touches)
   WHERE touch = 1`,
);
