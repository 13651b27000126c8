import { isZoned, type TimeEncoding, type TimeUnit, timePattern, zonePattern } from "@mlforge/spec";
import { text } from "./literal.js";

/** How to handle a value that does not match its encoding: fail with an error that shows it, fail unless it is blank, or return null. */
type Otherwise = "fail" | "failUnlessBlank" | "null";

/** Reads a TIMESTAMP from text or integers. */
export function duckdbTime(sql: string, encoding: TimeEncoding, otherwise: Otherwise): string {
  switch (encoding.kind) {
    case "iso":
      return isoTime(sql, otherwise);
    case "format":
      return formattedTime(sql, encoding.formats, otherwise);
    case "epoch":
      return epochTime(`CAST(${sql} AS VARCHAR)`, encoding.unit, otherwise);
  }
}

const zoneAtEnd = "(Z|[+-]\\d\\d(:?\\d\\d)?)\\s*$";

/** Reads ISO 8601. DuckDB's own cast refuses time zones after a space or after minutes, which are rare. Only such text is rewritten. */
function isoTime(sql: string, otherwise: Otherwise): string {
  const closed = `regexp_replace(${sql}, ${text(` ${zoneAtEnd}`)}, '\\1')`;
  const complete = `regexp_replace(${closed}, ${text(`([ T]\\d\\d:\\d\\d)${zoneAtEnd}`)}, '\\1:00\\2')`;
  const [time, rarely] = [sql, complete].map((value) => `TRY_CAST(${value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`);
  return orFail(`coalesce(${time}, ${rarely})`, sql, otherwise);
}

/**
 * Reads text in one of several formats. Checks the pattern of each text, because DuckDB would read 1/2/20 as a day in the year 20. This is also faster than
 * trying formats that do not fit, each of which creates an error.
 */
function formattedTime(sql: string, formats: readonly string[], otherwise: Otherwise): string {
  const branches = formats.map((format) => {
    const pattern = text(`\\s*${timePattern(format)}\\s*`);
    const time = isZoned(format) ? zonedTime(sql, format) : `try_strptime(${sql}, ${text(format)})`;
    return `WHEN regexp_full_match(${sql}, ${pattern}) THEN ${time}`;
  });
  return orFail(`CASE ${branches.join(" ")} END`, sql, otherwise);
}

/** Extracts the time zone and subtracts it. With %z, DuckDB refuses letters, and reads February 31 as March 2. */
function zonedTime(sql: string, format: string): string {
  const [before = "", after = ""] = timePattern(format).split(zonePattern);
  const pattern = text(`^(\\s*${before})(${zonePattern})(${after}\\s*)$`);
  const local = format.replace(/%%|%z/g, (directive) => (directive === "%z" ? "" : directive));
  const zone = `regexp_replace(regexp_extract(${sql}, ${pattern}, 2), ':', '')`;
  const digits = (start: number): string => `coalesce(TRY_CAST(substring(${zone}, ${start}, 2) AS BIGINT), 0)`;
  const sign = `CASE WHEN starts_with(${zone}, '-') THEN -1 ELSE 1 END`;
  const time = `try_strptime(regexp_replace(${sql}, ${pattern}, '\\1\\3'), ${text(local)})`;
  return `${time} - to_minutes(${sign} * (${digits(2)} * 60 + ${digits(4)}))`;
}

/** Checks that the year is 1 to 9999. A wrong unit usually gives other years. */
const [first, last] = [-62_135_596_800_000_000n, 253_402_300_799_999_999n];

function epochTime(digits: string, unit: TimeUnit, otherwise: Otherwise): string {
  // An int64 times a million fits into the 38 digits of a HUGEINT.
  const count = `CAST(${digits} AS HUGEINT)`;
  const microseconds: Readonly<Record<TimeUnit, string>> = {
    s: `${count} * 1000000`,
    ms: `${count} * 1000`,
    us: count,
    // Division rounds toward zero.
    ns: `${count} // 1000 - CASE WHEN ${count} % 1000 < 0 THEN 1 ELSE 0 END`,
  };
  const checked = `CASE WHEN regexp_full_match(${digits}, '\\s*-?\\d{1,19}\\s*') THEN ${microseconds[unit]} END`;
  const time = `make_timestamp(CAST(${checked} AS BIGINT))`;
  return orFail(`CASE WHEN ${checked} BETWEEN ${first} AND ${last} THEN ${time} END`, digits, otherwise);
}

/** Fails and shows the value: text in quotation marks is not a time, so the cast fails. DuckDB's own errors would call February 31 an overflow. */
function orFail(time: string, value: string, otherwise: Otherwise): string {
  if (otherwise === "null") return `(${time})`;
  const failure = `CAST('"' || ${value} || '"' AS TIMESTAMP)`;
  // Trim once: DuckDB computes an expression for every row as often as it is written, and nullif() writes it twice.
  return `coalesce(${time}, ${otherwise === "fail" ? failure : `CASE WHEN trim(${value}) <> '' THEN ${failure} END`})`;
}
