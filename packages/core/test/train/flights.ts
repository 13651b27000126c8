import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { Definitions, feature, source, t } from "../../src/index.js";

const delays = ["SEA,2024-01-01T00:00:00Z,10,0.5", "SEA,2024-01-03T00:00:00Z,30,1.5", "SFO,2024-01-02T00:00:00Z,20,"];

/** Definitions over files of their own: delays that become known, with and without an age, and two that are without time. */
export function flightsIn(folder: string, engine: Engine) {
  const columns = { origin: t.string(), date: t.timestamp(), delay: t.int64(), share: t.float64() };
  const flights = source({ path: join(folder, "flights.csv"), columns, timestamp: "date" });
  const airports = source({ path: join(folder, "airports.csv"), columns: { origin: t.string(), name: t.string(), runways: t.int32() } });
  const keys = ["origin"] as const;
  const delay = feature({ name: "delay", source: flights, keys });
  const recent = feature({ name: "recent", source: flights, keys, ttl: "1d" });
  const place = feature({ name: "place", source: airports, keys, static: true });
  const loose = feature({ name: "loose", source: airports, keys });
  const store = new LocalStore(join(folder, "store"));
  return new Definitions({ name: "flights", features: [delay, recent, place, loose], offlineStore: store, engine });
}

/** Writes the files, with lines added to the delays. */
export async function writeFlights(folder: string, ...added: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "flights.csv"), `${["origin,date,delay,share", ...delays, ...added].join("\n")}\n`);
  await writeFile(join(folder, "airports.csv"), "origin,name,runways\nSEA,Seattle,3\nSFO,San Francisco,4\n");
}

/** One label of each kind: before everything, between, at the exact timestamp, after, and about nobody. */
export const flightLabels = [
  { id: 1, origin: "SEA", at: new Date("2023-12-31T00:00:00Z") },
  { id: 2, origin: "SEA", at: new Date("2024-01-02T12:00:00Z") },
  { id: 3, origin: "SEA", at: new Date("2024-01-03T00:00:00Z") },
  { id: 4, origin: "SFO", at: new Date("2024-02-01T00:00:00Z") },
  { id: 5, origin: "XXX", at: new Date("2024-02-01T00:00:00Z") },
];
