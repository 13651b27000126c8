import { type AsOfJoin, schemaOf } from "@mlforge/spec";
import type { Dialect, Kind } from "./dialect.js";

const int64: Kind = { kind: "int64" };

/**
 * Selects an as-of join in standard SQL, with one sort and one join.
 *
 * A window over the rows of both sides, in the order of time, finds the newest timestamp known to each row of left. At equal times the order of the sides
 * decides what is known. The row with that timestamp is then joined: at most one, because rows of right are unique. The names of columns are
 * replaced, because users' names could clash with others.
 */
export function standardAsOfJoin(plan: AsOfJoin, left: string, right: string, dialect: Dialect): string {
  const { timestamps, on, columns, ttl, allowExactMatches } = plan;
  const keys = on.map((_, index) => `k${index}`);
  const of = schemaOf(plan.left).map((column, index) => ({ column, name: `c${index}`, as: dialect.identifier(column.name) }));
  const key = (side: "left" | "right"): string[] => on.map((pair, index) => `${dialect.identifier(pair[side])} AS k${index}`);
  const values = columns.map(({ name }, index) => `${dialect.identifier(name)} AS v${index}`);
  const complete = [...on.map((pair) => pair.right), timestamps.right].map((name) => `${dialect.identifier(name)} IS NOT NULL`);
  const [l, r] = allowExactMatches ? [1, 0] : [0, 1];

  const known = `${select([...key("right"), `${dialect.identifier(timestamps.right)} AS ts`, ...values], inner(right))}
WHERE ${complete.join(" AND ")}`;
  const rows = [
    select(
      [
        ...of.map(({ name, as }) => `${as} AS ${name}`),
        ...key("left"),
        `${dialect.identifier(timestamps.left)} AS ts`,
        `${dialect.nullOf({ kind: "timestamp" })} AS known`,
        `${l} AS side`,
      ],
      inner(left),
    ),
    select(
      [...of.map(({ column, name }) => `${dialect.nullOf(column)} AS ${name}`), ...keys, "ts", "ts AS known", `${r} AS side`],
      "candidates",
    ),
  ];
  const partition = keys.length === 0 ? "" : `PARTITION BY ${keys.join(", ")} `;
  const newest = `max(known) OVER (${partition}ORDER BY ts, side) AS newest`;
  const conditions = [
    ...keys.map((name) => `r.${name} = l.${name}`),
    "r.ts = l.newest",
    // Nulls are sorted like a time.
    "l.ts IS NOT NULL",
    ...(ttl === undefined
      ? []
      : [`${dialect.microsecondsOf("l.ts")} - ${dialect.microsecondsOf("r.ts")} < ${dialect.literal(ttl, int64)}`]),
  ];
  const found = columns.map(({ as }, index) => `r.v${index} AS ${dialect.identifier(as)}`);
  return [
    `WITH ${dialect.commonTable("candidates", known, true)}`,
    select(
      [...of.map(({ name, as }) => `l.${name} AS ${as}`), ...found],
      inner(select(["*", newest], inner(rows.join("\nUNION ALL\n"))), "l"),
    ),
    `LEFT JOIN candidates AS r ON ${conditions.join(" AND ")}`,
    `WHERE l.side = ${l}`,
  ].join("\n");
}

function select(columns: readonly string[], from: string): string {
  return `SELECT ${columns.join(", ")}\nFROM ${from}`;
}

function inner(rows: string, name = "t"): string {
  return `(\n${rows}\n) AS ${name}`;
}
