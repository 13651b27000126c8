import { count, Definitions, entity, feature, source, t, when } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { LocalStore } from "@mlforge/store-local";

/** Three million flights within the United States, January to June 2001. */
const flights = source({
  name: "flights",
  path: "node_modules/vega-datasets/data/flights-3m.parquet",
  columns: {
    date: t.timestamp(),
    delay: t.int64(),
    distance: t.int64(),
    origin: t.string(),
    destination: t.string(),
  },
  timestamp: "date",
});

const airport = entity({ name: "airport", keys: ["origin"] });

/** How late the flights of each airport were, all in all. */
export const airportTotalDelay = feature({
  name: "airport_total_delay",
  description: "Delays of all flights that left an airport",
  source: flights,
  entities: [airport],
  transform: (rows) =>
    rows.groupBy("origin").aggregate(({ delay }) => ({
      flights: count(),
      total_delay: delay.sum(),
      mean_delay: delay.mean(),
      worst_delay: delay.max(),
    })),
  tags: ["airport"],
});

/** The same by day. A day's delays are known when the day is over, and that is the row's timestamp. */
export const airportDailyDelay = feature({
  name: "airport_daily_delay",
  description: "Delays of the flights that left an airport on one day",
  source: flights,
  entities: [airport],
  transform: (rows) =>
    rows
      .derive(({ date }) => ({ known_at: date.truncate("1d").plusDuration("1d") }))
      .groupBy("origin", "known_at")
      .aggregate(({ delay }) => ({ flights: count(), total_delay: delay.sum(), late_share: when(delay.gt(15), 1).otherwise(0).mean() })),
  timestamp: "known_at",
  tags: ["airport", "daily"],
});

/** How busy and how late each route is. */
export const routeDelay = feature({
  name: "route_delay",
  description: "Delays from one airport to another",
  source: flights,
  keys: ["origin", "destination"],
  transform: (rows) =>
    rows
      .filter(({ origin, destination }) => origin.ne(destination))
      .groupBy("origin", "destination")
      .aggregate(({ delay, distance }) => ({ flights: count(), median_delay: delay.median(), distance: distance.max() })),
  tags: ["route"],
});

export const defs = new Definitions({
  name: "flights",
  features: [airportTotalDelay, airportDailyDelay, routeDelay],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
  format: new ParquetFormat(),
});
