import { type AsOfJoin, schemaOf } from "@mlforge/spec";
import { identifier } from "./identifier.js";
import { literal } from "./literal.js";

/**
 * Uses DuckDB's own as-of join, which also finds a newest row that is too old. That row then gives nulls.
 *
 * With many rows on the left, DuckDB treats a null as the greatest timestamp, and a null in any key except the first as an ordinary value. Rows
 * with a null are therefore excluded from the right side, and results for left rows without a timestamp are ignored.
 */
export function duckdbAsOfJoin(plan: AsOfJoin, left: string, right: string): string {
  const [at, known] = [`l.${identifier(plan.timestamps.left)}`, `r.${identifier(plan.timestamps.right)}`];
  const { ttl } = plan;
  const isKnown = ttl === undefined ? `${at} IS NOT NULL` : `${known} > ${at} - to_microseconds(${literal(ttl, { kind: "int64" })})`;
  const columns = plan.columns.map(({ name, as }) => `CASE WHEN ${isKnown} THEN r.${identifier(name)} END AS ${identifier(as)}`);
  const conditions = [
    ...plan.on.map((pair) => `l.${identifier(pair.left)} = r.${identifier(pair.right)}`),
    `${at} ${plan.allowExactMatches ? ">=" : ">"} ${known}`,
  ];
  const compared = [...plan.on.map((pair) => pair.right), plan.timestamps.right];
  const nullable = schemaOf(plan.right).filter((column) => column.nullable && compared.includes(column.name));
  // A condition on columns that are never null would still cost a tenth of the time.
  const complete = nullable.length === 0 ? "" : `\nWHERE ${nullable.map(({ name }) => `${identifier(name)} IS NOT NULL`).join(" AND ")}`;
  return [
    `SELECT ${[...schemaOf(plan.left).map(({ name }) => `l.${identifier(name)}`), ...columns].join(", ")}`,
    `FROM (\n${left}\n) AS l`,
    `ASOF LEFT JOIN (\nSELECT *\nFROM (\n${right}\n) AS t${complete}\n) AS r`,
    `ON ${conditions.join(" AND ")}`,
  ].join("\n");
}
