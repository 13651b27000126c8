import { type Expression, mapScans, type Plan, type RollingAggregate, type Scan, type Schema, schemaOf, typeOf } from "@mlforge/spec";
import { microsecondsOfDay } from "./period.js";

/** A span in microseconds, relative to the time of a row. `always` means that it has no start. */
export interface Span {
  readonly from: bigint | "always";
  readonly to: bigint;
}

/** Describes which rows of a scan affect the rows of a plan at time `t`. */
export interface Reach {
  /** The column of the scan that holds its times. */
  readonly column: string;
  /** Rows of the scan affect rows at `t` only if their times are in this span, relative to `t`. */
  readonly read: Span;
  /** A row at `t` exists only if a row of a scan with this field has its time in this span, relative to `t`. Undefined if the scan adds no rows. */
  readonly make: Span | undefined;
}

/** The reach of each scan. Undefined for a scan whose rows can affect rows at any time. */
export type Reaches = ReadonlyMap<Scan, Reach | undefined>;

/** The reaches for each column that can be the time of a row. */
type Clocks = ReadonlyMap<string, Reaches>;

const none: Clocks = new Map();

/**
 * Returns the reach of each scan, where `timestamp` is the time of the rows of the plan. Returns undefined if the time of a row cannot be traced to the
 * time of a row of a scan. Depends on the plan only, not on data.
 */
export function reachesOf(plan: Plan, timestamp: string): Reaches | undefined {
  return clocksOf(plan).get(timestamp);
}

function clocksOf(plan: Plan): Clocks {
  switch (plan.op) {
    case "scan": {
      const times = schemaOf(plan).filter(({ kind }) => kind === "timestamp" || kind === "date");
      const own = { from: 0n, to: 0n };
      return new Map(times.map(({ name }) => [name, new Map([[plan, { column: name, read: own, make: own }]])]));
    }
    case "filter":
    case "distinct":
      return clocksOf(plan.input);
    case "sort":
      return kept(clocksOf(plan.input), plan.columns);
    case "aggregate":
      return kept(clocksOf(plan.input), plan.keys);
    case "project": {
      const clocks = clocksOf(plan.input);
      const schema = schemaOf(plan.input);
      return new Map(
        plan.columns.flatMap(({ name, value }) => {
          const time = timeIn(value, schema);
          const reaches = time === undefined ? undefined : clocks.get(time.column);
          return time === undefined || reaches === undefined ? [] : [[name, shifted(reaches, time.from, time.to)] as const];
        }),
      );
    }
    case "union": {
      const inputs = plan.inputs.map(clocksOf);
      return new Map(
        plan.columns.flatMap((name) => {
          const found = inputs.flatMap((clocks) => clocks.get(name) ?? []);
          const all = found.length < inputs.length ? undefined : mergedAll(found);
          return all === undefined ? [] : [[name, all] as const];
        }),
      );
    }
    case "join": {
      const right = clocksOf(plan.right);
      return mapped(clocksOf(plan.left), (reaches, name) => {
        const other = plan.on.flatMap((pair) => (pair.left === name ? (right.get(pair.right) ?? []) : []))[0];
        return merged(reaches, other === undefined ? unbounded(plan.right) : makingNone(other));
      });
    }
    case "asOfJoin": {
      const known = clocksOf(plan.right).get(plan.timestamps.right);
      const age = plan.ttl === undefined ? ("always" as const) : -BigInt(plan.ttl);
      return mapped(clocksOf(plan.left), (reaches, name) => {
        const isBounded = name === plan.timestamps.left && known !== undefined;
        return merged(reaches, isBounded ? makingNone(shifted(known, age, 0n)) : unbounded(plan.right));
      });
    }
    case "sequence": {
      // By another time, a row can depend on rows of any time, which exist at that time themselves.
      const reaches = clocksOf(plan.input).get(plan.timestamp);
      return reaches === undefined ? none : new Map([[plan.timestamp, widened(reaches, { read: "always", make: 0n })]]);
    }
    case "sessions": {
      // The last row of a session is the gap before its close. The first one can be any time before that.
      const reaches = clocksOf(plan.input).get(plan.timestamp);
      return reaches === undefined ? none : new Map([[plan.column, widened(reaches, { read: "always", make: -BigInt(plan.gap) })]]);
    }
    case "rollingAggregate": {
      const reaches = clocksOf(plan.input).get(plan.timestamp);
      return reaches === undefined ? none : new Map([[plan.timestamp, widened(reaches, windowsOf(plan))]]);
    }
    default:
      return none;
  }
}

/** Returns how long before a row its windows begin, and how long before it the tile begins that enters or leaves one of them. */
function windowsOf({ outputs }: RollingAggregate): { readonly read: bigint | "always"; readonly make: bigint } {
  const lengths = outputs.map(({ every, window }) => ({ every: BigInt(every), window: window === undefined ? undefined : BigInt(window) }));
  const make = lengths.map(({ every, window = 0n }) => -(every + window)).reduce(least, 0n);
  return { read: lengths.some(({ window }) => window === undefined) ? "always" : make, make };
}

interface TimeIn {
  readonly column: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** Returns the column that an expression takes its time from, and the span of that column relative to the value of the expression. */
function timeIn(value: Expression, schema: Schema): TimeIn | undefined {
  const inner = (of: Expression, from: bigint, to: bigint): TimeIn | undefined => {
    const time = timeIn(of, schema);
    return time === undefined ? undefined : { column: time.column, from: time.from + from, to: time.to + to };
  };
  if (value.expr === "column") return { column: value.name, from: 0n, to: 0n };
  if (value.expr === "cast") {
    const { kind } = typeOf(value.value, schema);
    if (kind === value.to.kind || (kind === "date" && value.to.kind === "timestamp")) return inner(value.value, 0n, 0n);
    return kind === "timestamp" && value.to.kind === "date" ? inner(value.value, 0n, microsecondsOfDay - 1n) : undefined;
  }
  if (value.expr !== "call") return undefined;
  const [time, by] = value.arguments;
  if (time === undefined || by?.expr !== "literal" || by.kind !== "int64" || by.value === null) return undefined;
  const length = BigInt(by.value);
  if (value.function === "addMicroseconds") return inner(time, -length, -length);
  return value.function === "truncate" ? inner(time, 0n, length - 1n) : undefined;
}

function kept(clocks: Clocks, names: readonly string[] | undefined): Clocks {
  return names === undefined ? clocks : new Map([...clocks].filter(([name]) => names.includes(name)));
}

function mapped(clocks: Clocks, change: (reaches: Reaches, name: string) => Reaches | undefined): Clocks {
  return new Map(
    [...clocks].flatMap(([name, reaches]) => {
      const changed = change(reaches, name);
      return changed === undefined ? [] : [[name, changed] as const];
    }),
  );
}

function mergedAll([first, ...others]: readonly Reaches[]): Reaches | undefined {
  return others.reduce<Reaches | undefined>((all, each) => all && merged(all, each), first);
}

function changed(reaches: Reaches, change: (reach: Reach) => Reach): Reaches {
  return new Map([...reaches].map(([scan, reach]) => [scan, reach && change(reach)]));
}

function shifted(reaches: Reaches, from: bigint | "always", to: bigint): Reaches {
  return changed(reaches, ({ column, read, make }) => ({ column, read: plus(read, from, to), make: make && plus(make, from, to) }));
}

function widened(reaches: Reaches, by: { readonly read: bigint | "always"; readonly make: bigint }): Reaches {
  return changed(reaches, ({ column, read, make }) => ({ column, read: plus(read, by.read, 0n), make: make && plus(make, by.make, 0n) }));
}

function makingNone(reaches: Reaches): Reaches {
  return changed(reaches, ({ column, read }) => ({ column, read, make: undefined }));
}

function plus(span: Span, from: bigint | "always", to: bigint): Span {
  return { from: span.from === "always" || from === "always" ? "always" : span.from + from, to: span.to + to };
}

/**
 * Returns the reaches of both. A scan in both reaches as far as in each. Undefined if a scan that makes rows has no common time: nothing then says when
 * these rows exist.
 */
function merged(a: Reaches, b: Reaches): Reaches | undefined {
  const all = new Map(a);
  for (const [scan, reach] of b) {
    const other = all.get(scan);
    if (!all.has(scan) || (other === undefined && reach === undefined)) all.set(scan, reach);
    else if (other !== undefined && reach !== undefined && other.column === reach.column) all.set(scan, hull(other, reach));
    else if (other?.make === undefined && reach?.make === undefined) all.set(scan, undefined);
    else return undefined;
  }
  return all;
}

function hull(a: Reach, b: Reach): Reach {
  const make = a.make === undefined || b.make === undefined ? (a.make ?? b.make) : cover(a.make, b.make);
  return { column: a.column, read: cover(a.read, b.read), make };
}

function cover(a: Span, b: Span): Span {
  return { from: a.from === "always" || b.from === "always" ? "always" : least(a.from, b.from), to: -least(-a.to, -b.to) };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Returns all scans of a plan, as scans whose rows can affect rows at any time. */
function unbounded(plan: Plan): Reaches {
  const found = new Map<Scan, undefined>();
  mapScans(plan, (scan) => {
    found.set(scan, undefined);
    return scan;
  });
  return found;
}
