import { call, column, type Expression, findColumn, literal, mapInputs, type Plan, type Scan, schemaOf } from "@mlforge/spec";
import { microsecondsText } from "../read/microseconds-text.js";
import { dayAt, isDay, microsecondsOfDay, type Period } from "./period.js";
import type { Reaches, Span } from "./reach.js";

/** The first and the last day of a span, in days since the Unix epoch. `first` is undefined if the span has no start. */
export interface Days {
  readonly first: number | undefined;
  readonly last: number;
}

/** Returns the days of a scan whose rows can affect the rows of a period. */
export function daysRead(period: Period, { from, to }: Span): Days {
  const start = BigInt(period.start) * microsecondsOfDay;
  const end = BigInt(period.end) * microsecondsOfDay - 1n;
  return { first: from === "always" ? undefined : dayAt(start + from), last: dayAt(end + to) };
}

/** Returns a plan for the rows of one period. The plan reads only the days that can affect them. */
export function restricted(plan: Plan, timestamp: string, reaches: Reaches, period: Period): Plan {
  const input = withFilters(plan, (scan) => {
    const reach = reaches.get(scan);
    return reach === undefined ? undefined : within(reach.column, scan, daysRead(period, reach.read));
  });
  const condition = within(timestamp, plan, { first: period.start, last: period.end - 1 });
  return condition === undefined ? input : { op: "filter", input, condition };
}

/** Returns a plan for the rows without a time, which belong to no period. */
export function withoutTime(plan: Plan, timestamp: string, reaches: Reaches): Plan {
  const input = withFilters(plan, (scan) => {
    const reach = reaches.get(scan);
    return reach === undefined ? undefined : call("isNull", column(reach.column));
  });
  return { op: "filter", input, condition: call("isNull", column(timestamp)) };
}

/** Puts a filter above each scan that has a condition. Does not copy the scans. */
function withFilters(plan: Plan, conditionOf: (scan: Scan) => Expression | undefined): Plan {
  if (plan.op !== "scan") {
    return mapInputs(
      plan,
      (input) => withFilters(input, conditionOf),
      (scan) => scan,
    );
  }
  const condition = conditionOf(plan);
  return condition === undefined ? plan : { op: "filter", input: plan, condition };
}

/** Returns the condition that a time is on one of these days, or undefined if it always is. */
function within(name: string, plan: Plan, { first, last }: Days): Expression | undefined {
  const { kind } = findColumn(name, schemaOf(plan));
  const time = (day: number): Expression => {
    const text = microsecondsText(BigInt(day) * microsecondsOfDay);
    return kind === "date" ? literal("date", text.slice(0, 10)) : literal("timestamp", text);
  };
  const conditions = [
    ...(first !== undefined && isDay(first) ? [call("greaterOrEqual", column(name), time(first))] : []),
    ...(isDay(last + 1) ? [call("less", column(name), time(last + 1))] : []),
  ];
  return conditions.length === 0 ? undefined : conditions.reduce((a, b) => call("and", a, b));
}
