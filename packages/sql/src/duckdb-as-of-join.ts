import { type AsOfJoin, schemaOf } from "@mlforge/spec";
import { identifier, literal } from "./duckdb-literal.js";

/** By DuckDB's own as-of join. The newest row is found also where it is too old, and then gives nulls. */
export function duckdbAsOfJoin(plan: AsOfJoin, left: string, right: string): string {
  const [at, known] = [`l.${identifier(plan.timestamps.left)}`, `r.${identifier(plan.timestamps.right)}`];
  const { ttl } = plan;
  const fresh = ttl === undefined ? undefined : `${known} > ${at} - to_microseconds(${literal(ttl, { kind: "int64" })})`;
  const columns = plan.columns.map(({ name, as }) => {
    const value = `r.${identifier(name)}`;
    return `${fresh === undefined ? value : `CASE WHEN ${fresh} THEN ${value} END`} AS ${identifier(as)}`;
  });
  const conditions = [
    ...plan.on.map((pair) => `l.${identifier(pair.left)} = r.${identifier(pair.right)}`),
    `${at} ${plan.allowExactMatches ? ">=" : ">"} ${known}`,
  ];
  return [
    `SELECT ${[...schemaOf(plan.left).map(({ name }) => `l.${identifier(name)}`), ...columns].join(", ")}`,
    `FROM (\n${left}\n) AS l`,
    `ASOF LEFT JOIN (\n${right}\n) AS r`,
    `ON ${conditions.join(" AND ")}`,
  ].join("\n");
}
