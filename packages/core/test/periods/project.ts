import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AnyFeature, feature, type Partition, source, sql, t } from "../../src/index.js";

/** A row of events: microseconds since the Unix epoch, a user, and a number. `id` is unique. */
export interface Event {
  readonly id: number;
  readonly at: bigint;
  readonly user: string;
  readonly amount: number;
}

/** The files of the sources, by name. Files of the folder `plans` are those of a second source. */
export type Files = ReadonlyMap<string, readonly Event[]>;

/** Writes exactly these files. */
export async function writeFiles(folder: string, files: Files, written: Files): Promise<void> {
  for (const name of written.keys()) if (!files.has(name)) await rm(join(folder, name));
  for (const [name, events] of files) {
    if (written.get(name) === events) continue;
    await mkdir(join(folder, name, ".."), { recursive: true });
    const lines = events.map(({ id, at, user, amount }) => `${id},${timeText(at)},${user},${amount}`);
    await writeFile(join(folder, name), `${["id,at,user,amount", ...lines].join("\n")}\n`);
  }
}

function timeText(at: bigint): string {
  const micros = ((at % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return `${new Date(Number((at - micros) / 1000n)).toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}Z`;
}

const columns = { id: t.int64(), at: t.timestamp(), user: t.string(), amount: t.int64() };

/** Features of every kind of reach, by name, each with and without periods. */
export function featuresIn(folder: string, name: string, partition: Partition): readonly AnyFeature[] {
  const events = source({ name: "events", path: join(folder, "events/*.csv"), columns, timestamp: "at" });
  const plans = source({ name: "plans", path: join(folder, "plans/*.csv"), columns, timestamp: "at" });
  const users = source({
    name: "users",
    path: join(folder, "users.csv"),
    columns: { user: t.string(), country: t.string() },
    static: true,
  });
  const rolling = { every: "1d", windows: ["3d", "30d"], aggregations: { amount: ["sum", "count", "max"] } } as const;
  const both = { name, source: events };
  const of = (options: { readonly name: string; readonly partition?: Partition }) => {
    switch (name) {
      case "rows":
        return feature({ ...both, ...options, keys: ["id"] });
      case "windows":
        return feature({ ...both, ...options, keys: ["user"], rolling });
      case "windows of several lengths":
        return feature({
          ...both,
          ...options,
          keys: ["user"],
          rolling: [
            { every: "1h", windows: ["6h"], aggregations: { amount: ["sum"] } },
            { every: "7d", windows: ["14d"], aggregations: { amount: ["max"] } },
          ],
        });
      case "lifetime":
        return feature({
          ...both,
          ...options,
          keys: ["user"],
          rolling: { every: "1d", windows: ["lifetime"], aggregations: { amount: ["sum"] } },
        });
      case "days":
        return feature({
          ...both,
          ...options,
          keys: ["user"],
          timestamp: "known",
          transform: (rows) =>
            rows
              .groupBy("user", ({ at }) => ({ known: at.truncate("1d").plusDuration("1d") }))
              .aggregate(({ amount }) => ({ total: amount.sum(), most: amount.max() })),
        });
      case "shifted":
        return feature({
          ...both,
          ...options,
          keys: ["id"],
          timestamp: "known",
          transform: (rows) => rows.derive(({ at }) => ({ known: at.plusDuration("3d") })).select("id", "known", "amount"),
        });
      case "joined":
        return feature({
          ...both,
          ...options,
          keys: ["id"],
          transform: (rows, from) => rows.filter(({ amount }) => amount.gt(0)).join(from(users), { on: "user", type: "left" }),
        });
      case "as of":
      case "as of, with a ttl":
        return feature({
          ...both,
          ...options,
          keys: ["id"],
          transform: (rows, from) =>
            rows.asOfJoin(
              from(plans)
                .groupBy("user", "at")
                .aggregate(({ amount }) => ({ plan: amount.max() }))
                .select("user", "plan", { since: "at" }),
              { on: "user", ttl: name === "as of" ? undefined : "20d" },
            ),
        });
      case "union":
        return feature({
          ...both,
          ...options,
          keys: ["user"],
          transform: (rows, from) => rows.union(from(plans)),
          rolling,
        });
      case "sequence":
        return feature({
          ...both,
          ...options,
          keys: ["id"],
          transform: (rows) =>
            rows.sequence({ keys: ["user"], thenBy: ["id"], columns: { number: "rowNumber", before: { lag: "amount" } } }),
        });
      case "sessions":
        return feature({
          ...both,
          ...options,
          keys: ["user"],
          transform: (rows) =>
            rows.sessions({
              keys: ["user"],
              gap: "5d",
              aggregate: ({ at, amount }) => ({ started: at.min(), total: amount.sum() }),
            }),
        });
      case "sql":
        return feature({
          ...both,
          ...options,
          keys: ["id"],
          transform: sql({
            query: 'SELECT id, "at", amount - (SELECT max(amount) FROM source) AS below FROM source',
            columns: { id: t.int64(), at: t.timestamp(), below: t.int64() },
            timeless: "tests",
          }),
        });
      default:
        throw new TypeError(`no feature is called ${name}`);
    }
  };
  return [of({ name: "divided", partition }), of({ name: "whole" })];
}

export const featureKinds = [
  "rows",
  "windows",
  "windows of several lengths",
  "lifetime",
  "days",
  "shifted",
  "joined",
  "as of",
  "as of, with a ttl",
  "union",
  "sequence",
  "sessions",
  "sql",
] as const;
