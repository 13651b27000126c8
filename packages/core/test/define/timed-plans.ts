import type { Expression, Plan } from "@mlforge/spec";
import { schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import { t } from "../../src/define/column-types.js";
import { count } from "../../src/define/count.js";
import type { Untyped } from "../../src/define/expr.js";
import { greatest } from "../../src/define/least-greatest.js";
import { contentOf, relationOf } from "../../src/define/relation-builder.js";
import { type AnySource, source } from "../../src/define/source.js";

/** Numbers; timestamps and days are microseconds since the Unix epoch. */
type Value = number | null;
export type TimedRow = Readonly<Record<string, Value>>;
export type Tables = Readonly<Record<string, readonly TimedRow[]>>;
/** A relation or a row: the builder checks at run time what random chains do. */
type Loose = Untyped;

const hour = 3_600_000_000;
const day = 24 * hour;
/** Midday and midnight of eight days. */
const timestampsAtMost = 16;

/** Sources of each sort: with timestamps, with days, and static. */
export function timedSourcesIn(folder: string) {
  const path = (name: string): string => `${folder}/${name}.ndjson`;
  const at = t.timestamp({ nullable: false });
  return {
    events: source({ path: path("events"), columns: { k: t.int64(), at, v: t.int64() }, timestamp: "at" }),
    plans: source({ path: path("plans"), columns: { k: t.int64(), since: t.timestamp(), p: t.int64() }, timestamp: "since" }),
    days: source({ path: path("days"), columns: { k: t.int64(), on: t.date(), q: t.int64() }, timestamp: "on" }),
    places: source({ path: path("places"), columns: { k: t.int64(), d: t.int64() }, static: true }),
  } as const;
}

export type TimedSources = ReturnType<typeof timedSourcesIn>;

const timeColumns: Readonly<Record<string, { readonly name: string; readonly step: number }>> = {
  events: { name: "at", step: day / 2 },
  plans: { name: "since", step: day / 2 },
  days: { name: "on", step: day },
};

const value = fc.option(fc.integer({ min: 0, max: 2 }), { freq: 8 });

function timedRows(time: string, step: number, other: string, nullable: boolean): fc.Arbitrary<readonly TimedRow[]> {
  const timestamp = fc.integer({ min: 0, max: Math.floor((timestampsAtMost * day) / 2 / step) }).map((n) => n * step);
  const at = nullable ? fc.option(timestamp, { freq: 10 }) : timestamp;
  const row = fc.tuple(value, at, value).map(([k, when, x]) => ({ k, [time]: when, [other]: x }));
  // As-of joins refuse several rows of one key and timestamp.
  return fc.uniqueArray(row, { maxLength: 8, selector: (each) => JSON.stringify([each.k, each[time]]) });
}

/** Rows for the sources. */
export const timedTables: fc.Arbitrary<Tables> = fc.record({
  events: timedRows("at", day / 2, "v", false),
  plans: timedRows("since", day / 2, "p", true),
  days: timedRows("on", day, "q", true),
  places: fc.array(fc.record({ k: value, d: value }), { maxLength: 4 }),
});

/** A timestamp between those of the rows. */
export const turningPoint = fc.integer({ min: 0, max: timestampsAtMost }).map((n) => (n * day) / 2);

/** The rows that were there before anything later than `timestamp` was added. */
export function upTo(timestamp: number, tables: Tables): Tables {
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => {
      const time = timeColumns[name]?.name;
      return [name, time === undefined ? rows : rows.filter((row) => (row[time] ?? 0) <= timestamp)];
    }),
  );
}

const steps = [
  "filter",
  "derive",
  "shift",
  "truncate",
  "greatest",
  "select",
  "group",
  "bucket",
  "roll",
  "join",
  "asOf",
  "asOf",
  "union",
  "sequence",
  "session",
  "distinct",
] as const;
const picks = fc.tuple(fc.constantFrom(...steps), fc.nat(), fc.nat(), fc.nat());

/** Relations made of up to `maxLength` steps; a step that the builder refuses is left out. */
export function timedRelation(maxLength: number, sources: TimedSources, timeless = false): fc.Arbitrary<Loose> {
  return fc
    .tuple(fc.constantFrom("events", "plans", "days"), fc.array(picks, { maxLength }))
    .map(([name, all]) => chain(name, all, { sources, timeless }));
}

type Pick = typeof picks extends fc.Arbitrary<infer P> ? P : never;

interface ChainOptions {
  readonly sources: TimedSources;
  readonly timeless: boolean;
}

function chain(name: string, all: readonly Pick[], options: ChainOptions): Loose {
  const start: Loose = relation(name, options.sources);
  return all.reduce<Loose>((rows, pick, index) => {
    try {
      return apply(rows, pick, index, options);
    } catch {
      return rows;
    }
  }, start);
}

function relation(name: string, sources: TimedSources): Loose {
  const found: AnySource | undefined = Object.entries(sources).find(([each]) => each === name)?.[1];
  if (found === undefined) throw new TypeError(`no source ${name}`);
  return relationOf(found, () => []);
}

/** The columns of timestamps, and of timestamps and days. */
export function temporalColumns(rows: unknown, kinds: readonly string[] = ["timestamp", "date"]): readonly string[] {
  return (contentOf(rows)?.schema ?? []).filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
}

const inner = ["filter", "derive", "shift", "group", "bucket", "roll", "distinct", "select"] as const;

function apply(rows: Loose, [step, first, second, third]: Pick, index: number, options: ChainOptions): Loose {
  const names = (contentOf(rows)?.schema ?? []).map(({ name }) => name);
  const numbers = names.filter((name) => !temporalColumns(rows).includes(name));
  const pick = (from: readonly string[], at: number): string => from[at % from.length] ?? "";
  const time = pick(temporalColumns(rows), third);
  const timestamp = pick(temporalColumns(rows, ["timestamp"]), third);
  const reason = options.timeless ? { timeless: "forced" } : {};
  /** A new name, or the old one. */
  const target = (old: string): string => (second % 3 === 0 ? old : `x${index}`);
  switch (step) {
    case "filter":
      return third % 3 === 0
        ? rows.filter((row: Loose) => row[time].isNotNull())
        : rows.filter((row: Loose) => row[pick(numbers, first)].gte(second % 3));
    case "derive":
      return rows.derive((row: Loose) => ({
        [target(pick(numbers, first))]: at(row, pick(numbers, first)).plus(at(row, pick(numbers, third))),
      }));
    case "shift":
      return rows.derive((row: Loose) => ({
        [target(timestamp)]:
          first % 4 === 0 ? at(row, timestamp).minusDuration("12h") : at(row, timestamp).plusDuration(first % 2 === 0 ? "12h" : "36h"),
      }));
    case "truncate":
      return rows.derive((row: Loose) => ({
        [target(timestamp)]:
          first % 4 === 0
            ? at(row, timestamp).truncate("1d")
            : at(row, timestamp)
                .truncate("1d")
                .plusDuration(first % 4 === 1 ? "12h" : "1d"),
      }));
    case "greatest":
      return rows.derive((row: Loose) => ({
        [`x${index}`]:
          first % 3 === 0
            ? at(row, timestamp).coalesce(at(row, pick(temporalColumns(rows, ["timestamp"]), second)))
            : greatest(at(row, timestamp), at(row, pick(temporalColumns(rows, ["timestamp"]), second))),
      }));
    case "select":
      return rows.select(...names.filter((_, place) => (first >> place) % 4 !== 0), { [`x${index}`]: pick(names, second) });
    case "group": {
      const keys = [...new Set(["k", pick(names, first), ...(second % 2 === 0 ? [time] : [])])].filter((name) => names.includes(name));
      return rows.groupBy(...keys).aggregate(
        (row: Loose) => ({
          [`n${index}`]: count(),
          [`m${index}`]: at(row, pick(names, third)).max(),
          [`s${index}`]: at(row, pick(numbers, second)).sum(),
          ...(keys.includes(time) || third % 2 === 0 ? {} : { [time]: at(row, time).max() }),
        }),
        reason,
      );
    }
    case "bucket": {
      const bucket = `x${index}`;
      return rows
        .derive((row: Loose) => ({
          [bucket]: first % 4 === 0 ? at(row, timestamp).truncate("1d") : at(row, timestamp).truncate("1d").plusDuration("1d"),
        }))
        .groupBy("k", bucket)
        .aggregate((row: Loose) => ({ [`n${index}`]: count(), [`m${index}`]: at(row, pick(names, third)).max() }), reason);
    }
    case "roll":
      return rows.rolling({
        keys: ["k"],
        every: "1d",
        windows: first % 3 === 0 ? ["2d"] : ["1d", "lifetime"],
        timestamp: time,
        aggregate: (row: Loose) => ({
          [`n${index}`]: at(row, pick(numbers, second)).sum(),
          [`m${index}`]: at(row, pick(names, third)).max(),
        }),
      });
    case "join":
    case "asOf": {
      const other = right(
        pick(["events", "plans", "days", "places"], first),
        [inner[second % inner.length] ?? "filter", third, first, second],
        index,
        options,
      );
      const otherTimes = temporalColumns(other);
      const on = { k: `k_${index}` };
      if (step === "asOf") {
        const ttl = third % 2 === 0 ? {} : { ttl: third % 3 === 0 ? "1d" : "36h" };
        return rows.asOfJoin(other, { on, ...ttl, ...(first % 3 === 0 ? {} : { timestamps: { right: pick(otherTimes, second) } }) });
      }
      const equal = second % 2 === 0 && otherTimes.length > 0 ? { ...on, [time]: pick(otherTimes, first) } : on;
      const joined = rows.join(other, { on: equal, type: third % 2 === 0 ? "left" : "inner", ...reason });
      const otherTimestamps = temporalColumns(other, ["timestamp"]);
      if (equal !== on || otherTimestamps.length === 0) return joined;
      return joined.derive((row: Loose) => ({ [`y${index}`]: greatest(at(row, timestamp), at(row, pick(otherTimestamps, second))) }));
    }
    case "union": {
      const other = chain(
        pick(["events", "plans", "days", "places"], first),
        [[inner[second % inner.length] ?? "filter", third, first, second]],
        options,
      );
      const columns = contentOf(other)?.schema ?? [];
      const alike = (contentOf(rows)?.schema ?? []).map(({ name, kind }, position) => {
        const found = columns.filter((each) => each.kind === kind).map((each) => each.name);
        return { [name]: pick(found, third + position) };
      });
      return rows.union(other.select(...alike));
    }
    case "sequence":
      return rows.sequence({
        keys: first % 3 === 0 ? [] : ["k"],
        timestamp: time,
        thenBy: second % 2 === 0 ? [] : numbers,
        columns: { [`n${index}`]: "rowNumber", [`l${index}`]: { lag: pick(names, second), offset: 1 + (third % 2) } },
      });
    case "session":
      return rows.sessions({
        keys: first % 3 === 0 ? [] : ["k"],
        gap: second % 3 === 0 ? "1d" : "12h",
        timestamp: time,
        aggregate: (row: Loose) => ({
          [`n${index}`]: at(row, pick(numbers, second)).sum(),
          [`m${index}`]: at(row, pick(names, third)).max(),
        }),
      });
    case "distinct":
      return rows.distinct();
  }
}

/** Rows of another source after at most one step, with names that clash with no others. */
function right(name: string, pick: Pick, index: number, options: ChainOptions): Loose {
  const rows = chain(name, pick[1] % 3 === 0 ? [pick] : [], options);
  const names = (contentOf(rows)?.schema ?? []).map((column) => column.name);
  return rows.select(...names.map((each) => ({ [`${each}_${index}`]: each })));
}

function at(row: Loose, name: string): Loose {
  return row[name];
}

/** The rows of a plan, computed as the documentation of its operations says and in no clever way. */
export function evaluateTimed(plan: Plan, tables: Tables): readonly TimedRow[] {
  switch (plan.op) {
    case "scan":
      return (tables[plan.source] ?? []).map((row) =>
        only(
          row,
          schemaOf(plan).map(({ name }) => name),
        ),
      );
    case "filter":
      return evaluateTimed(plan.input, tables).filter((row) => evaluateExpression(plan.condition, row) === 1);
    case "project":
      return evaluateTimed(plan.input, tables).map((row) =>
        Object.fromEntries(plan.columns.map(({ name, value: of }) => [name, evaluateExpression(of, row)])),
      );
    case "union":
      return plan.inputs.flatMap((input) => evaluateTimed(input, tables).map((row) => only(row, plan.columns)));
    case "distinct": {
      const all = evaluateTimed(plan.input, tables);
      return [...new Map(all.map((row) => [JSON.stringify(row), row])).values()];
    }
    case "aggregate": {
      const groups = new Map<string, TimedRow[]>();
      for (const row of evaluateTimed(plan.input, tables)) {
        const key = JSON.stringify(only(row, plan.keys));
        groups.set(key, [...(groups.get(key) ?? []), row]);
      }
      return [...groups.values()].map((group) => ({
        ...only(group[0] ?? {}, plan.keys),
        ...Object.fromEntries(
          plan.aggregates.map(({ name, value: { function: aggregate, input } }) => [
            name,
            input === undefined
              ? group.length
              : fold(
                  aggregate,
                  group.map((row) => evaluateExpression(input, row)),
                ),
          ]),
        ),
      }));
    }
    case "sequence": {
      const rows = evaluateTimed(plan.input, tables);
      const order = [plan.timestamp, ...plan.thenBy];
      return rows.map((row, place) => {
        const isBefore = (other: TimedRow, otherPlace: number): boolean => {
          if (plan.keys.some((key) => other[key] !== row[key]) || other[plan.timestamp] === null) return false;
          const [a = 0, b = 0] = compared(other, row, order);
          return a < b || (a === b && otherPlace < place);
        };
        // Latest first.
        const earlier = rows
          .filter(isBefore)
          .reverse()
          .sort((one, two) => {
            const [a = 0, b = 0] = compared(one, two, order);
            return b - a;
          });
        const isTimed = row[plan.timestamp] !== null;
        const values = plan.outputs.map((output) => {
          if (!isTimed) return [output.name, null];
          if (output.function === "rowNumber") return [output.name, earlier.length + 1];
          return [output.name, earlier[output.offset - 1]?.[output.column] ?? null];
        });
        return { ...row, ...Object.fromEntries(values) };
      });
    }
    case "sessions": {
      const rows = evaluateTimed(plan.input, tables);
      const timeOf = (row: TimedRow): number => row[plan.timestamp] ?? Number.NaN;
      return rows.map((row) => {
        const times = rows.filter((other) => plan.keys.every((key) => other[key] === row[key])).map(timeOf);
        let last = timeOf(row);
        const next = (): number | undefined => times.find((time) => time > last && time <= last + Number(plan.gap));
        for (let time = next(); time !== undefined; time = next()) last = time;
        return { ...row, [plan.column]: Number.isNaN(last) ? null : last + Number(plan.gap) };
      });
    }
    case "rollingAggregate": {
      const rows = evaluateTimed(plan.input, tables);
      const timeOf = (row: TimedRow): Value => row[plan.timestamp] ?? null;
      const changes = rows.flatMap((row) =>
        plan.outputs.flatMap(({ every, window }) => {
          const time = timeOf(row);
          const end = time === null ? null : Math.floor(time / Number(every)) * Number(every) + Number(every);
          const ends = end === null || window === undefined ? [end] : [end, end + Number(window)];
          return ends.map((each) => ({ ...only(row, plan.keys), [plan.timestamp]: each }));
        }),
      );
      const unique = [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
      return unique.map((change) => {
        const now = timeOf(change);
        const isIn = (row: TimedRow, every: number, window: number): boolean => {
          const [time, end] = [timeOf(row), now === null ? null : Math.floor(now / every) * every];
          if (plan.keys.some((key) => row[key] !== change[key])) return false;
          return time === null || end === null ? time === end : time < end && time >= end - window;
        };
        const values = plan.outputs.map(({ name, column, function: aggregate, every, window }) => {
          const inside = rows.filter((row) => isIn(row, Number(every), Number(window ?? Number.POSITIVE_INFINITY)));
          return [
            name,
            fold(
              aggregate,
              inside.map((row) => row[column] ?? null),
            ),
          ];
        });
        return { ...change, ...Object.fromEntries(values) };
      });
    }
    case "join": {
      const others = evaluateTimed(plan.right, tables);
      const added = schemaOf(plan.right)
        .map(({ name }) => name)
        .filter((name) => !plan.on.some((pair) => pair.right === name));
      return evaluateTimed(plan.left, tables).flatMap((row) => {
        const matches = others.filter((other) => plan.on.every((pair) => isSame(row[pair.left], other[pair.right])));
        return (matches.length > 0 || plan.type === "inner" ? matches : [{}]).map((other) => ({ ...row, ...only(other, added) }));
      });
    }
    case "asOfJoin": {
      const others = evaluateTimed(plan.right, tables);
      return evaluateTimed(plan.left, tables).map((row) => {
        const now = row[plan.timestamps.left] ?? null;
        let newest: TimedRow = {};
        let newestAt = Number.NEGATIVE_INFINITY;
        for (const other of others) {
          const known = other[plan.timestamps.right] ?? null;
          if (now === null || known === null || known > now || known <= newestAt) continue;
          if (plan.on.every((pair) => isSame(row[pair.left], other[pair.right]))) [newest, newestAt] = [other, known];
        }
        const isTooOld = plan.ttl !== undefined && now !== null && now - newestAt >= Number(plan.ttl);
        return { ...row, ...Object.fromEntries(plan.columns.map(({ name, as }) => [as, (isTooOld ? null : newest[name]) ?? null])) };
      });
    }
    default:
      throw new TypeError(`${plan.op} is not among the timed plans`);
  }
}

function only(row: TimedRow, names: readonly string[]): TimedRow {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
}

/** Returns the first values in which two rows differ, or the last ones. Null is after all others. */
function compared(one: TimedRow, two: TimedRow, names: readonly string[]): readonly [number, number] {
  const pairs = names.map((name) => [one[name] ?? Number.POSITIVE_INFINITY, two[name] ?? Number.POSITIVE_INFINITY] as const);
  return pairs.find(([a, b]) => a !== b) ?? [0, 0];
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return a !== null && a !== undefined && a === b;
}

function fold(aggregate: string, all: readonly Value[]): Value {
  const values = all.filter((each) => each !== null);
  if (values.length === 0) return null;
  return aggregate === "sum" ? values.reduce((sum, each) => sum + each, 0) : Math.max(...values);
}

function evaluateExpression(expression: Expression, row: TimedRow): Value {
  switch (expression.expr) {
    case "column":
      return row[expression.name] ?? null;
    case "literal":
      return expression.value === null ? null : Number(expression.value);
    case "cast":
      return evaluateExpression(expression.value, row);
    case "case":
      throw new TypeError("case is not among the timed plans");
    case "call": {
      const values = expression.arguments.map((each) => evaluateExpression(each, row));
      const [a = null, b = null] = values;
      const known = values.filter((each) => each !== null);
      switch (expression.function) {
        case "isNotNull":
          return a === null ? 0 : 1;
        case "coalesce":
          return known[0] ?? null;
        case "greatest":
          return known.length === 0 ? null : Math.max(...known);
        default:
          if (a === null || b === null) return null;
      }
      switch (expression.function) {
        case "add":
        case "addMicroseconds":
          return a + b;
        case "truncate":
          return Math.floor(a / b) * b;
        case "greaterOrEqual":
          return Number(a >= b);
        default:
          throw new TypeError(`${expression.function} is not among the timed plans`);
      }
    }
  }
}

/** Whether an as-of join of a plan would have to choose between two newest rows. */
export function hasSharedTimestamps(plan: Plan, tables: Tables): boolean {
  switch (plan.op) {
    case "asOfJoin": {
      const compared = [...plan.on.map((pair) => pair.right), plan.timestamps.right];
      const rows = evaluateTimed(plan.right, tables).map((row) => compared.map((name) => row[name] ?? null));
      const complete = rows.filter((values) => !values.includes(null)).map((values) => JSON.stringify(values));
      return new Set(complete).size < complete.length || hasSharedTimestamps(plan.left, tables) || hasSharedTimestamps(plan.right, tables);
    }
    case "join":
      return hasSharedTimestamps(plan.left, tables) || hasSharedTimestamps(plan.right, tables);
    case "sequence": {
      const all = evaluateTimed(plan.input, tables).filter((row) => row[plan.timestamp] !== null);
      const orders = all.map((row) => JSON.stringify(only(row, [...plan.keys, plan.timestamp, ...plan.thenBy])));
      return new Set(orders).size < orders.length || hasSharedTimestamps(plan.input, tables);
    }
    case "union":
      return plan.inputs.some((input) => hasSharedTimestamps(input, tables));
    case "filter":
    case "project":
    case "aggregate":
    case "rollingAggregate":
    case "sessions":
    case "distinct":
      return hasSharedTimestamps(plan.input, tables);
    default:
      return false;
  }
}
