/** Six flights from two airports. */
export const flightsCsv = `date,origin,destination,delay
2001-01-01 06:00:00,SEA,SFO,5
2001-01-01 07:00:00,SEA,LAX,-3
2001-01-01 08:00:00,SFO,SEA,10
2001-01-02 06:00:00,SFO,SEA,0
2001-01-02 07:00:00,SEA,SFO,20
2001-01-02 08:00:00,SFO,LAX,1
`;

export const imports = `
import { batches, count, Definitions, entity, feature, source, sql, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { LocalStore } from "@mlforge/store-local";
`;

const flightsSource = `
const flights = source({
  path: "data/flights.csv",
  columns: { date: t.timestamp(), origin: t.string(), destination: t.string(), delay: t.int64() },
  timestamp: "date",
});
`;

/** Two features that build, of which only one has the tag daily. */
export const flightsDefinitions = `${imports}${flightsSource}
const airport = entity({ name: "airport", keys: ["origin"], description: "Where flights start" });

export const airportTotal = feature({
  name: "airport_total",
  description: "All delays of an airport",
  source: flights,
  entities: [airport],
  transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ flights: count(), total_delay: delay.sum() })),
  tags: ["airport"],
});

export const routeTotal = feature({
  name: "route_total",
  source: flights,
  keys: ["origin", "destination"],
  transform: (rows) => rows.groupBy("origin", "destination").aggregate(({ delay }) => ({ total_delay: delay.sum() })),
  tags: ["airport", "daily"],
});

export const defs = new Definitions({
  name: "flights",
  features: [airportTotal, routeTotal],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;

export const flightsProject: Readonly<Record<string, string>> = {
  "definitions.ts": flightsDefinitions,
  "data/flights.csv": flightsCsv,
};

/** Definitions of one feature over the flights: \`transform\` is the text of its transform. */
export function definitionsOf(name: string, transform: string, keys = '["origin"]'): string {
  return `${imports}${flightsSource}
export const only = feature({ name: "${name}", source: flights, keys: ${keys}, timestamp: null, transform: ${transform} });

export const defs = new Definitions({
  name: "flights",
  features: [only],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
  format: new ParquetFormat(),
});
`;
}
