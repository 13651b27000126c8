import { isZoned, type TimeEncoding, type TimeUnit, timePattern, zonePattern } from "@mlforge/spec";
import { text } from "./duckdb-literal.js";

/** What becomes of a value that is not written as its encoding says: a conversion error that shows it, which text without content may be spared, or null. */
type Otherwise = "fail" | "failUnlessBlank" | "null";

/** A TIMESTAMP out of text or integers. */
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

/** DuckDB's own cast takes no zone after a space or after minutes, which are rare: only what it does not take is written anew for it. */
function isoTime(sql: string, otherwise: Otherwise): string {
  const closed = `regexp_replace(${sql}, ${text(` ${zoneAtEnd}`)}, '\\1')`;
  const complete = `regexp_replace(${closed}, ${text(`([ T]\\d\\d:\\d\\d)${zoneAtEnd}`)}, '\\1:00\\2')`;
  const [time, rarely] = [sql, complete].map((value) => `TRY_CAST(${value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`);
  return orFail(`coalesce(${time}, ${rarely})`, sql, otherwise);
}

/**
 * DuckDB itself would take 1/2/20 for a day of the year 20, so the pattern of each text is checked. That also is faster than to try formats that do not
 * fit, which makes an error each time.
 */
function formattedTime(sql: string, formats: readonly string[], otherwise: Otherwise): string {
  const branches = formats.map((format) => {
    const pattern = text(`\\s*${timePattern(format)}\\s*`);
    const time = isZoned(format) ? zonedTime(sql, format) : `try_strptime(${sql}, ${text(format)})`;
    return `WHEN regexp_full_match(${sql}, ${pattern}) THEN ${time}`;
  });
  return orFail(`CASE ${branches.join(" ")} END`, sql, otherwise);
}

/** With %z DuckDB takes no letters, and the 31st of February for the 2nd of March: the zone is taken out and subtracted. */
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

/** The years 1 to 9999. A wrong unit mostly gives others. */
const [first, last] = [-62_135_596_800_000_000n, 253_402_300_799_999_999n];

function epochTime(digits: string, unit: TimeUnit, otherwise: Otherwise): string {
  // An int64 and a million are less than the 38 digits of a HUGEINT.
  const count = `CAST(${digits} AS HUGEINT)`;
  const microseconds: Readonly<Record<TimeUnit, string>> = {
    s: `${count} * 1000000`,
    ms: `${count} * 1000`,
    us: count,
    // Division cuts towards zero.
    ns: `${count} // 1000 - CASE WHEN ${count} % 1000 < 0 THEN 1 ELSE 0 END`,
  };
  const checked = `CASE WHEN regexp_full_match(${digits}, '\\s*-?\\d{1,19}\\s*') THEN ${microseconds[unit]} END`;
  const time = `make_timestamp(CAST(${checked} AS BIGINT))`;
  return orFail(`CASE WHEN ${checked} BETWEEN ${first} AND ${last} THEN ${time} END`, digits, otherwise);
}

/** DuckDB's own errors would call the 31st of February an overflow. In quotation marks a text is no time, so that the cast fails and shows it. */
function orFail(time: string, value: string, otherwise: Otherwise): string {
  if (otherwise === "null") return `(${time})`;
  const failure = `CAST('"' || ${value} || '"' AS TIMESTAMP)`;
  // Trimmed once: what is written twice, as nullif() writes it, DuckDB computes for every row.
  return `coalesce(${time}, ${otherwise === "fail" ? failure : `CASE WHEN trim(${value}) <> '' THEN ${failure} END`})`;
}
