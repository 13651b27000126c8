import { count } from "../../src/index.js";
import { touches, touchRows } from "./tables.js";
import { from, sameRows } from "./textbook.js";

sameRows(
  "marketing: visits with their first channel, their length, and their revenue, known half a day after the last touch",
  [touchRows],
  from(touches).sessions({
    keys: ["visitor"],
    gap: "12h",
    aggregate: ({ at, action, channel, revenue }) => ({
      started: at.min(),
      ended: at.max(),
      length: at.min().microsecondsUntil(at.max()),
      touches: count(),
      clicks: count({ where: action.eq("click") }),
      first_channel: channel.coalesce("none").firstBy(at),
      revenue: revenue.sum().coalesce(0),
    }),
  }),
  `WITH marked AS (
     SELECT *, "at" - lag("at") OVER (PARTITION BY visitor ORDER BY "at") > INTERVAL '12 hours' IS TRUE AS begins FROM touches),
   numbered AS (
     SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY visitor ORDER BY "at" RANGE UNBOUNDED PRECEDING) AS session FROM marked)
   SELECT visitor, max("at") + INTERVAL '12 hours' AS "at", min("at") AS started, max("at") AS ended,
     epoch_us(max("at")) - epoch_us(min("at")) AS length, count(*) AS touches, count(*) FILTER (WHERE action = 'click') AS clicks,
     min(coalesce(channel, 'none')) FILTER (WHERE "at" = start) AS first_channel, coalesce(sum(revenue), 0) AS revenue
   FROM (SELECT *, min("at") OVER (PARTITION BY visitor, session) AS start FROM numbered)
   GROUP BY visitor, session`,
);
