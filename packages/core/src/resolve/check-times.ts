import type { NamedColumn, Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import type { DefinitionIssues } from "../define/definition-issues.js";
import type { SourceTime } from "../define/source-times.js";
import type { Times } from "../define/times.js";

/**
 * Refuses a feature whose rows include source rows that became known after the timestamp of the row. With such a feature, adding later rows to a
 * source would change the values of earlier labels.
 */
export function checkTimes(
  { name }: AnyFeature,
  timestamp: string | undefined,
  { times: { sourceTimes }, schema }: { readonly times: Times; readonly schema: Schema },
  issues: DefinitionIssues,
): void {
  if (timestamp === undefined || !schema.some(isTimeNamed(timestamp))) return;
  const later = sourceTimes.filter(({ columns }) => !columns.has(timestamp));
  // A source without a timestamp has no time to compare, unless the rows come only from such sources.
  const refused = later.length === sourceTimes.length ? later : later.filter(({ isDeclared, via }) => isDeclared || via === undefined);
  const messages = refused.map((sourceTime) => leakOf(sourceTime, timestamp));
  for (const message of new Set(messages)) issues.add(`${name}.transform`, message);
}

/** Returns a notice for each source without a timestamp that is joined to rows that have one. */
export function timeNotices(timestamp: string, { sourceTimes }: Times): readonly string[] {
  const untimed = sourceTimes.filter(({ isDeclared, columns }) => !isDeclared && !columns.has(timestamp));
  return [...new Set(untimed.map(({ source }) => source))].map(
    (source) =>
      `source "${source}" has no timestamp, so its current rows are joined to rows of every time; give it a timestamp and use asOfJoin, or declare it static: true if its rows are valid at any time`,
  );
}

function isTimeNamed(timestamp: string): (column: NamedColumn) => boolean {
  return ({ name, kind }) => name === timestamp && (kind === "timestamp" || kind === "date");
}

function leakOf(sourceTime: SourceTime, timestamp: string): string {
  const { source, via, lostBy, columns, isDeclared } = sourceTime;
  const stamped = `a row stamped "${timestamp}"`;
  if (lostBy?.kind === "groupBy") {
    const inside = via === undefined || via === lostBy ? "" : ` inside the ${via.text}`;
    const advice =
      via === undefined
        ? "use rolling windows or add the timestamp to the keys"
        : "group by the timestamp too and use asOfJoin, or use rolling windows in a separate feature";
    return `${lostBy.text}${inside} combines rows of "${source}" from different times, so ${stamped} includes later rows; ${advice}, or give the reason why later rows change nothing: aggregate(..., { timeless: "the reason" })${orStatic(source)}`;
  }
  if (!isDeclared)
    return `"${timestamp}" is not the time of single rows of "${source}", so adding later rows changes earlier ones; use rolling windows or add the time of the rows to the keys, or give the reason why later rows change nothing: aggregate(..., { timeless: "the reason" })${orStatic(source)}`;
  const known = [...columns].map((name) => `"${name}"`).join(" or ");
  if (via?.kind === "join")
    return `${via.text} includes rows of "${source}" that are later than the row stamped "${timestamp}"; use asOfJoin instead of join, or give the reason why later rows change nothing: join(..., { timeless: "the reason" })${orStatic(source)}`;
  if (lostBy !== undefined)
    return `after the ${lostBy.text}, no column is known to be as late as the rows of "${source}", so ${stamped} could include later rows; keep the timestamp of the source, or move it only with plusDuration${orStatic(source)}`;
  return `"${timestamp}" can be earlier than the rows of "${source}" that the row is computed from; stamp the row with ${known} or with the greatest of both, or make "${timestamp}" the timestamp of the source if it says when a row became known${orStatic(source)}`;
}

function orStatic(source: string): string {
  return `, or declare source "${source}" static: true if its rows are valid at any time`;
}
