import type { Aggregate, Join, Project, Schema } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";
import type { AnySource } from "./source.js";
import {
  type SourceTime,
  type Step,
  sourceTimesOfAsOfJoin,
  sourceTimesOfGroups,
  sourceTimesOfJoin,
  sourceTimesOfProject,
  sourceTimesOfSource,
} from "./source-times.js";

/** The time information of a relation. */
export interface Times {
  /** The column that says when a row became known, tracked from the source. Undefined if it has none, or more than one candidate. */
  readonly timestamp: string | undefined;
  readonly sourceTimes: readonly SourceTime[];
  /** The steps that a definition declares to be independent of time. */
  readonly timeless: readonly TimelessStep[];
}

/** A step that uses rows of any time, and the reason that the definition gives. */
export interface TimelessStep {
  /** `join with "plans" on user`. */
  readonly step: string;
  readonly reason: string;
}

export function timesOfSource(source: AnySource, schema: Schema): Times {
  return { timestamp: source.timestamp, sourceTimes: sourceTimesOfSource(source, schema), timeless: [] };
}

export function timesOfProject(times: Times, columns: Project["columns"], schema: Schema, step: Step): Times {
  const sourceTimes = sourceTimesOfProject(times.sourceTimes, columns, schema, step);
  return { ...times, timestamp: projectedTimestamp(times, columns, sourceTimes), sourceTimes };
}

export function timesOfGroups(times: Times, keys: Aggregate["keys"], step: Step, reason: string | undefined): Times {
  const all = sourceTimesOfGroups(times.sourceTimes, keys, step);
  const sourceTimes = reason === undefined ? all : all.filter(({ columns }) => columns.size > 0);
  const isKnown = (key: string): boolean =>
    sourceTimes.length > 0 && sourceTimes.every(({ isDeclared, columns }) => isDeclared && columns.has(key));
  const { timestamp } = times;
  const kept = timestamp !== undefined && keys.includes(timestamp) ? timestamp : onlyOne(keys.filter(isKnown));
  return { timestamp: kept, sourceTimes, timeless: withReason(times.timeless, step, reason) };
}

/** Returns the times of windows, sequences, and sessions. Their rows do not depend on later rows. */
export function timesOfRolling(times: Times, timestamp: string, step: Step): Times {
  return { ...times, timestamp, sourceTimes: sourceTimesOfGroups(times.sourceTimes, [timestamp], step) };
}

export function timesOfJoin(left: Times, right: Times, on: Join["on"], step: Step, reason: string | undefined): Times {
  const timestamp = left.timestamp ?? on.find((pair) => pair.right === right.timestamp)?.left ?? right.timestamp;
  const sourceTimes = reason === undefined ? sourceTimesOfJoin(left.sourceTimes, right.sourceTimes, on, step) : left.sourceTimes;
  return { timestamp, sourceTimes, timeless: withReason([...left.timeless, ...right.timeless], step, reason) };
}

export function timesOfAsOfJoin(
  left: Times,
  right: Times,
  timestamps: { readonly left: string; readonly right: string },
  step: Step,
): Times {
  return {
    timestamp: timestamps.left,
    sourceTimes: sourceTimesOfAsOfJoin(left.sourceTimes, right.sourceTimes, timestamps, step),
    timeless: [...left.timeless, ...right.timeless],
  };
}

/** Reads the option `timeless`. @throws DEFINITION_INVALID if it is not a reason */
export function timelessReason(given: unknown, where: string): string | undefined {
  if (given === undefined || (typeof given === "string" && given.trim() !== "")) return given;
  throw definitionInvalid(where, `timeless needs a reason, such as timeless: "plans never change", got ${JSON.stringify(given)}`);
}

function projectedTimestamp(
  { timestamp, sourceTimes }: Times,
  columns: Project["columns"],
  projected: readonly SourceTime[],
): string | undefined {
  if (timestamp === undefined) return undefined;
  const same = columns.filter(({ value }) => value.expr === "column" && value.name === timestamp).map(({ name }) => name);
  if (same.length > 0) return same.includes(timestamp) ? timestamp : onlyOne(same);
  const isKept =
    columns.some(({ name }) => name === timestamp) &&
    projected.every(({ columns: after }, index) => after.has(timestamp) || sourceTimes[index]?.columns.has(timestamp) !== true);
  return isKept ? timestamp : undefined;
}

function onlyOne(names: readonly string[]): string | undefined {
  const [first, ...others] = new Set(names);
  return others.length === 0 ? first : undefined;
}

function withReason(timeless: readonly TimelessStep[], { text }: Step, reason: string | undefined): readonly TimelessStep[] {
  return reason === undefined ? timeless : [...timeless, { step: text, reason }];
}
