import { type AsOfJoin, type Columns, column, type Expression, findColumn, type Plan, type Schema } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";
import { type Duration, parseDuration } from "./duration.js";
import { freshName } from "./fresh-name.js";
import { type CheckedJoin, type JoinOn, joinPairs } from "./join.js";

/** How each row finds the newest row that was known at its time. */
export interface AsOfOptions<
  C extends Columns,
  D extends Columns,
  O extends JoinOn<C, D>,
  A extends keyof C & string = keyof C & string,
  B extends keyof D & string = keyof D & string,
> {
  /** The columns to compare, as in `join`. */
  readonly on: O & CheckedJoin<C, D, O>;
  /** How long a row of the other side can be used after it became known: `"30d"`. Defaults to forever. */
  readonly ttl?: Duration | undefined;
  /** The columns that say when the rows of each side became known. Defaults to the timestamps of their sources. */
  readonly timestamps?: { readonly left?: A | undefined; readonly right?: B | undefined } | undefined;
}

/** One side of an as-of join. */
interface Side {
  readonly plan: Plan;
  readonly schema: Schema;
  readonly timestamp: string | undefined;
}

/** The options as the caller passed them, unchecked. */
interface Given {
  readonly on?: unknown;
  readonly ttl?: unknown;
  readonly timestamps?: unknown;
}

/** An as-of join, and the columns that it compares, by the names that users gave them. */
export interface AsOfPlan {
  readonly plan: Plan;
  readonly on: AsOfJoin["on"];
  readonly timestamps: { readonly left: string; readonly right: string };
}

/** Builds the plan of an as-of join. @throws DEFINITION_INVALID, COLUMN_UNKNOWN */
export function asOfPlan(left: Side, right: Side, options: Given): AsOfPlan {
  const on = joinPairs(options.on, "asOfJoin");
  const given = timestampsIn(options.timestamps);
  const timestamps = { left: timestampOf(left, given.left, "left"), right: timestampOf(right, given.right, "right") };
  const joined = new Set(on.map((pair) => pair.right));
  if (joined.has(timestamps.right))
    throw definitionInvalid(
      "asOfJoin",
      `asOfJoin already compares "${timestamps.right}" as the time of the right side; remove it from \`on\``,
    );
  const columns = right.schema.filter(({ name }) => !joined.has(name)).map(({ name }) => ({ name, as: name }));
  refuseClashes(left.schema, columns);
  const ttl = options.ttl === undefined ? {} : { ttl: String(parseDuration(options.ttl)) };
  const knownAt = withTimestamp(left, timestamps.left, columns);
  const known = withTimestamp(right, timestamps.right, []);
  const plan: Plan = {
    op: "asOfJoin",
    left: knownAt.plan,
    right: known.plan,
    on,
    timestamps: { left: knownAt.timestamp, right: known.timestamp },
    allowExactMatches: true,
    ...ttl,
    columns,
  };
  const isWidened = knownAt.timestamp !== timestamps.left;
  return {
    plan: isWidened ? projected(plan, [...left.schema.map(({ name }) => name), ...columns.map(({ as }) => as)]) : plan,
    on,
    timestamps,
  };
}

function timestampsIn(given: unknown): { readonly left?: unknown; readonly right?: unknown } {
  if (given === undefined) return {};
  if (typeof given === "object" && given !== null) return given;
  throw definitionInvalid("asOfJoin", 'timestamps must name a column of each side: timestamps: { left: "at", right: "since" }');
}

function timestampOf({ schema, timestamp }: Side, given: unknown, side: "left" | "right"): string {
  const name = given ?? timestamp;
  if (typeof name !== "string") {
    const advice = `keep the timestamp of the source, or name the column: timestamps: { ${side}: "at" }`;
    throw definitionInvalid("asOfJoin", `asOfJoin needs a timestamp on its ${side} side; ${advice}`);
  }
  const { kind } = findColumn(name, schema, `the ${side} side of asOfJoin`);
  if (kind === "timestamp" || kind === "date") return name;
  throw definitionInvalid("asOfJoin", `asOfJoin needs a column of kind timestamp or date; "${name}" is ${kind}`);
}

function refuseClashes(left: Schema, columns: AsOfJoin["columns"]): void {
  const clashes = columns.filter(({ as }) => left.some(({ name }) => name === as)).map(({ as }) => as);
  const [first] = clashes;
  if (first === undefined) return;
  const names = clashes.map((name) => `"${name}"`).join(", ");
  const advice = `select the columns you need from the right side first, and rename: .select(..., { other_${first}: "${first}" })`;
  throw definitionInvalid("asOfJoin", `both sides of asOfJoin have a column ${names}; ${advice}`);
}

/** Returns a side with its time as a timestamp. A date becomes midnight. */
function withTimestamp(
  { plan, schema }: Side,
  name: string,
  taken: AsOfJoin["columns"],
): { readonly plan: Plan; readonly timestamp: string } {
  if (findColumn(name, schema).kind === "timestamp") return { plan, timestamp: name };
  const timestamp = freshName([...schema.map((each) => each.name), ...taken.map(({ as }) => as)]);
  const value: Expression = { expr: "cast", value: column(name), to: { kind: "timestamp" } };
  const kept = schema.map((each) => ({ name: each.name, value: column(each.name) }));
  return { plan: { op: "project", input: plan, columns: [...kept, { name: timestamp, value }] }, timestamp };
}

function projected(input: Plan, names: readonly string[]): Plan {
  return { op: "project", input, columns: names.map((name) => ({ name, value: column(name) })) };
}
