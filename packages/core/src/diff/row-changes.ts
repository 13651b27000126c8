import { call, column, type Engine, type Expression, literal, type Plan, type Store } from "@mlforge/spec";
import type { VersionMetadata } from "../log/metadata.js";
import { countIn, onlyResult } from "../read/small-result.js";
import { keyColumns } from "../resolve/key-columns.js";
import { areComparable, type CommonColumn, renamedScan } from "./compared-version.js";
import { differs, isRounding } from "./expressions.js";

/** The number of rows that two versions share. Rows are identified by their keys and timestamp. */
export interface RowChanges {
  readonly onlyFrom: number;
  readonly onlyTo: number;
  /** Rows that are in both, with equal values in all columns that can be compared. */
  readonly unchanged: number;
  /** Rows that are in both, with a different value in at least one of these columns. */
  readonly changed: number;
  /** The changed rows in which only floats differ, each within a relative 1e-9, as another order of addition makes them differ. */
  readonly rounded: number;
}

/** The rows with a different value in a column. */
interface ChangedValues {
  readonly rows: number;
  /** The rows among them whose floats differ within a relative 1e-9. */
  readonly rounded: number;
}

/** The row changes, and the changes of each comparable column. */
export interface CountedChanges {
  readonly rows: RowChanges;
  readonly columns: ReadonlyMap<string, ChangedValues>;
}

/** Returns why the rows of two versions cannot be matched, or undefined if they can. */
export function mismatchOf(from: VersionMetadata, to: VersionMetadata): string | undefined {
  if (JSON.stringify(from.keys) !== JSON.stringify(to.keys)) return "the keys differ";
  if (from.timestamp !== to.timestamp) return "the timestamp columns differ";
  const retyped = keyColumns({ keys: from.keys, timestamp: from.timestamp }).find((name) => dtypeIn(from, name) !== dtypeIn(to, name));
  return retyped === undefined ? undefined : `the type of "${retyped}" differs`;
}

function dtypeIn({ columns }: VersionMetadata, name: string): string | undefined {
  return columns.find((column) => column.name === name)?.dtype;
}

/**
 * Counts the row changes of two versions whose rows can be matched, with one join.
 *
 * Keys are unique, so the rows that the join does not find are in only one version.
 */
export async function countChanges(
  engine: Engine,
  store: Store,
  { from, to, columns }: { readonly from: VersionMetadata; readonly to: VersionMetadata; readonly columns: readonly CommonColumn[] },
  signal?: AbortSignal,
): Promise<CountedChanges> {
  const keys = keyColumns({ keys: from.keys, timestamp: from.timestamp });
  const values = columns.filter((column) => !keys.includes(column.name) && areComparable(column.from, column.to));
  const side = (version: VersionMetadata, prefix: string): Plan =>
    renamedScan(store, version, [
      ...keys.map((name, index) => [name, `k${index}`] as const),
      ...values.map(({ name }, index) => [name, `${prefix}${index}`] as const),
    ]);
  const on = keys.map((_, index) => ({ left: `k${index}`, right: `k${index}` }));
  const joined: Plan = { op: "join", left: side(from, "a"), right: side(to, "b"), on, type: "inner" };
  const flags = values.flatMap((value, index) => {
    const [a, b] = [column(`a${index}`), column(`b${index}`)];
    const differ = { name: `d${index}`, value: differs(a, b) };
    return isFloat(value) ? [differ, { name: `r${index}`, value: isRounding(a, b) }] : [differ];
  });
  const flagged: Plan = { op: "project", input: joined, columns: [...flags, { name: "row", value: literal("boolean", "true") }] };
  const differing = values.map((_, index) => column(`d${index}`));
  // What differs beyond rounding.
  const beyond = values.map((value, index) =>
    isFloat(value) ? call("and", column(`d${index}`), call("not", column(`r${index}`))) : column(`d${index}`),
  );
  const counts = await onlyResult(
    engine,
    {
      op: "aggregate",
      input: flagged,
      keys: [],
      aggregates: [
        { name: "both", value: { function: "count" } },
        { name: "changed", value: countTrue(anyOf(differing)) },
        { name: "beyond", value: countTrue(anyOf(beyond)) },
        ...differing.map((flag, index) => ({ name: `d${index}`, value: countTrue(flag) })),
        ...beyond.map((flag, index) => ({ name: `e${index}`, value: countTrue(flag) })),
      ],
    },
    signal,
  );
  const both = countIn(counts, "both");
  const changed = countIn(counts, "changed");
  return {
    rows: {
      onlyFrom: (await countRows(engine, store, from, signal)) - both,
      onlyTo: (await countRows(engine, store, to, signal)) - both,
      unchanged: both - changed,
      changed,
      rounded: changed - countIn(counts, "beyond"),
    },
    columns: new Map(
      values.map(({ name }, index) => {
        const rows = countIn(counts, `d${index}`);
        return [name, { rows, rounded: rows - countIn(counts, `e${index}`) }];
      }),
    ),
  };
}

function isFloat({ from, to }: CommonColumn): boolean {
  return [from, to].some(({ kind }) => kind === "float32" || kind === "float64");
}

function anyOf(conditions: readonly Expression[]): Expression {
  return conditions.reduce<Expression>((a, b) => call("or", a, b), literal("boolean", "false"));
}

/** Counts skip nulls, so only the rows for which it is true are counted. */
function countTrue(condition: Expression): { readonly function: "count"; readonly input: Expression } {
  return { function: "count", input: call("nullIf", condition, literal("boolean", "false")) };
}

async function countRows(engine: Engine, store: Store, version: VersionMetadata, signal?: AbortSignal): Promise<number> {
  const [key = ""] = version.keys;
  const input = renamedScan(store, version, [[key, "k"]]);
  const plan: Plan = { op: "aggregate", input, keys: [], aggregates: [{ name: "rows", value: { function: "count" } }] };
  return countIn(await onlyResult(engine, plan, signal), "rows");
}
