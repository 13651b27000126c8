import { count, Definitions, entity, feature, inRange, source, t } from "@mlforge/core";
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

/** How late the flights of an airport were lately. The delays of a day are known when it is over, and never to labels before that. */
export const originDelay = feature({
  name: "origin_delay",
  description: "Delays of the flights that left an airport, over the last 7 and 30 days",
  source: flights,
  entities: [airport],
  rolling: { every: "1d", windows: ["7d", "30d"], aggregations: { delay: ["mean", "count"] } },
  validators: [inRange("origin_delay__delay__mean__1d__30d", { min: -60, max: 600 }, { tolerate: 0.01 })],
  tags: ["airport", "daily"],
});

/** The same for the flights to an airport, at two paces. */
export const destinationDelay = feature({
  name: "destination_delay",
  description: "Delays of the flights to an airport, over the last 3 and 7 days and the last 4 weeks",
  source: flights,
  keys: ["destination"],
  rolling: [
    { every: "1d", windows: ["3d", "7d"], aggregations: { delay: ["mean", "max"] } },
    { every: "1w", windows: ["4w"], aggregations: { delay: ["std"] } },
  ],
  tags: ["daily"],
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
  features: [airportTotalDelay, originDelay, destinationDelay, routeDelay],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
  format: new ParquetFormat(),
});
