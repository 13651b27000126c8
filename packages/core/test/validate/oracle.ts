import type { Columns, ExampleRow } from "@mlforge/spec";
import * as fc from "fast-check";
import {
  check,
  greaterThan,
  greaterThanOrEqual,
  inRange,
  isIn,
  lessThan,
  lessThanOrEqual,
  matchesRegex,
  notNull,
  rowCount,
  t,
  unique,
  type ValidatorFor,
} from "../../src/index.js";

/** Rows whose rules are counted here in plain JavaScript. `price` is in cents, as a decimal of two digits is exact. */
export const columns: Columns = {
  k: t.int64(),
  text: t.string(),
  float: t.float64(),
  integer: t.int64(),
  price: t.decimal(20, 2),
  day: t.timestamp(),
};

type Value = string | number | Date;
type Name = "text" | "float" | "integer" | "price" | "day";
export type GivenRow = Readonly<Record<Name, Value | null>> & { readonly k: number };

const values: Readonly<Record<Name, readonly Value[]>> = {
  text: ["", "SEA", "SFO", "sea", "é", "😀", "\uffff", 'a "b", c'],
  float: [Number.NaN, -0, 0, 1.5, -1.5, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  integer: [-1, 0, 1, 2, Number.MAX_SAFE_INTEGER],
  price: [-100, 0, 150, 900, 1_000],
  day: [new Date(0), new Date("1969-12-31T23:59:59.999Z"), new Date("2024-02-29")],
};
const names = ["text", "float", "integer", "price", "day"] as const;

function oneOf(column: Name): fc.Arbitrary<Value> {
  return fc.constantFrom(...values[column]);
}

export const givenRows: fc.Arbitrary<readonly GivenRow[]> = fc
  .array(
    fc.record({
      text: fc.option(oneOf("text")),
      float: fc.option(oneOf("float")),
      integer: fc.option(oneOf("integer")),
      price: fc.option(oneOf("price")),
      day: fc.option(oneOf("day")),
    }),
    { maxLength: 25 },
  )
  .map((rows) => rows.map((row, k) => ({ ...row, k })));

export interface GivenRule {
  readonly rule: string;
  readonly column: Name;
  readonly constants: readonly [Value, Value, ...Value[]];
  readonly pattern: string;
  readonly severity: "error" | "warn";
  readonly tolerate: number;
}

export const givenRule: fc.Arbitrary<GivenRule> = fc.constantFrom(...names).chain((column) =>
  fc.record({
    rule: fc.constantFrom(
      ...["notNull", "unique", "greaterThan", "greaterThanOrEqual", "lessThan", "lessThanOrEqual"],
      ...["inRange", "isIn", "matchesRegex", "check", "rowCount"],
    ),
    column: fc.constant(column),
    constants: fc.tuple(oneOf(column), oneOf(column)),
    pattern: fc.constantFrom("", "^S", "[A-Z]{3}$", "^é$", "(?:^|,) "),
    severity: fc.constantFrom("error", "warn"),
    tolerate: fc.constantFrom(0, 0, 0.1, 0.3, 0.5, 1),
  }),
);

/** The same rule in mlforge. */
export function validatorOf({ rule, column, constants, pattern, severity, tolerate }: GivenRule, index: number): ValidatorFor<Columns> {
  const options = { severity, tolerate, name: `rule ${index}` };
  const [first, second] = constants.map((value) => (column === "price" ? (Number(value) / 100).toFixed(2) : value)) as [Value, Value];
  const [min, max] = ordered(constants)[0] === constants[0] ? [first, second] : [second, first];
  switch (rule) {
    case "notNull":
      return notNull(column, options);
    case "unique":
      return unique(column, options);
    case "greaterThan":
      return greaterThan(column, first, options);
    case "greaterThanOrEqual":
      return greaterThanOrEqual(column, first, options);
    case "lessThan":
      return lessThan(column, first, options);
    case "lessThanOrEqual":
      return lessThanOrEqual(column, first, options);
    case "inRange":
      return inRange(column, { min, max }, options);
    case "isIn":
      return isIn(column, [first, second], options);
    case "matchesRegex":
      return matchesRegex("text", pattern, options);
    case "rowCount":
      return rowCount({ min: 3, max: 15 }, { severity, name: options.name });
    default:
      return check(options.name, (row) => row[column].gt(first).or(row.k.lt(5)), { severity, tolerate });
  }
}

/** The rows that fail a rule; for the number of rows, one for each that is too few or too many. */
export function failing({ rule, column, constants, pattern }: GivenRule, rows: readonly GivenRow[]): readonly GivenRow[] {
  const [first, second] = constants;
  const [min, max] = ordered(constants);
  const fails = (test: (value: Value, row: GivenRow) => boolean, name: Name = column): readonly GivenRow[] =>
    rows.filter((row) => {
      const value = row[name];
      return value !== null && !test(value, row);
    });
  switch (rule) {
    case "notNull":
      return rows.filter((row) => row[column] === null);
    case "unique":
      return fails((value, row) => !rows.some((other) => other.k !== row.k && isSame(other[column], value)));
    case "greaterThan":
      return fails((value) => compare(value, first) > 0);
    case "greaterThanOrEqual":
      return fails((value) => compare(value, first) >= 0);
    case "lessThan":
      return fails((value) => compare(value, first) < 0);
    case "lessThanOrEqual":
      return fails((value) => compare(value, first) <= 0);
    case "inRange":
      return fails((value) => compare(value, min) >= 0 && compare(value, max) <= 0);
    case "isIn":
      return fails((value) => isSame(value, first) || isSame(value, second));
    case "matchesRegex":
      return fails((value) => new RegExp(pattern, "u").test(String(value)), "text");
    case "rowCount":
      return rows.length < 3 ? Array<GivenRow>(3 - rows.length) : rows.slice(15);
    default:
      // Null or true is null, and null passes.
      return fails((value, row) => compare(value, first) > 0 || row.k < 5);
  }
}

function ordered([first, second]: GivenRule["constants"]): [Value, Value] {
  return compare(first, second) > 0 ? [second, first] : [first, second];
}

function isSame(a: Value | null, b: Value): boolean {
  return a !== null && compare(a, b) === 0;
}

/** NaN equals NaN and is above every number, -0 equals 0, text is ordered by its bytes. */
function compare(a: Value, b: Value): number {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x < y ? -1 : Number(x > y);
}

/** The rows as CSV, in which nothing is null and "" is the empty text. */
export function csvOf(rows: readonly GivenRow[]): string {
  const line = ({ k, text, float, integer, price, day }: GivenRow): string => {
    const quoted = text === null ? "" : `"${String(text).replaceAll('"', '""')}"`;
    const signed = Object.is(float, -0) ? "-0" : (float ?? "");
    const cents = price === null ? "" : (Number(price) / 100).toFixed(2);
    return [k, quoted, signed, integer ?? "", cents, day instanceof Date ? day.toISOString() : ""].join(",");
  };
  return ["k,text,float,integer,price,day", ...rows.map(line), ""].join("\n");
}

/** The keys of example rows. */
export function keysOf(examples: readonly ExampleRow[]): readonly number[] {
  return examples.map(({ k }) => Number(k));
}
