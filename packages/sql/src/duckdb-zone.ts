/**
 * A TIMESTAMPTZ as the TIMESTAMP of its moment in UTC.
 *
 * DuckDB's own conversion asks a calendar and takes ten times as long. Only the infinite ones, which have no microseconds, are left to it.
 */
export function fromUtc(sql: string): string {
  return `coalesce(make_timestamp(epoch_us(${sql})), CAST(${sql} AS TIMESTAMP))`;
}

/** A TIMESTAMP in UTC as a TIMESTAMPTZ. */
export function toUtc(sql: string): string {
  return `coalesce(make_timestamptz(epoch_us(${sql})), CAST(${sql} AS TIMESTAMPTZ))`;
}
