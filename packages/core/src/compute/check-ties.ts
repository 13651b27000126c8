import { type AsOfJoin, type Engine, MlforgeError, mapInputs, mapScans, type Plan, type Sequence } from "@mlforge/spec";
import { hasUniqueKeys } from "../resolve/unique-keys.js";
import { showExamples } from "./example-row.js";
import { type SharedKey, sharedKeys } from "./shared-keys.js";

/**
 * Checks that no as-of join or sequence has to choose between rows of the same time.
 *
 * @throws KEY_VIOLATION with rows that have the same keys and time
 */
export async function checkTies(engine: Engine, feature: string, plan: Plan, signal?: AbortSignal): Promise<void> {
  for (const operation of operationsIn(plan)) {
    if (operation.op === "sequence") await checkSequence(engine, feature, operation, signal);
    else await checkAsOfJoin(engine, feature, operation, signal);
  }
}

/** Checks that an as-of join does not have to choose between several newest rows. Skips a join that the plan proves to be unique. */
async function checkAsOfJoin(engine: Engine, feature: string, join: AsOfJoin, signal?: AbortSignal): Promise<void> {
  const { rows, keys } = comparedRows(join);
  if (hasUniqueKeys(rows, keys)) return;
  const duplicates = await sharedKeys(engine, rows, { keys, complete: keys }, signal);
  if (duplicates.length === 0) return;
  const sources = sourcesIn(rows).map((name) => `"${name}"`);
  const names = keys.map((key) => JSON.stringify(key)).join(", ");
  const message = `the as-of join of feature "${feature}" with ${sources.join(" and ")} cannot tell which row is the newest: several rows share ${keys.join(", ")}, such as ${foundText(duplicates)}; combine them into one row first: groupBy(${names}).aggregate(...), or distinct() if they are equal`;
  throw new MlforgeError("KEY_VIOLATION", message, { feature, keys, nulls: [], duplicates: duplicates.map(({ example }) => example) });
}

/** Checks that a sequence does not have to choose which of several rows comes first. Skips a sequence that the plan proves to have an order. */
async function checkSequence(engine: Engine, feature: string, { input, ...order }: Sequence, signal?: AbortSignal): Promise<void> {
  const keys = [...new Set([...order.keys, order.timestamp, ...order.thenBy])];
  if (hasUniqueKeys(input, keys)) return;
  const duplicates = await sharedKeys(engine, input, { keys, complete: [order.timestamp] }, signal);
  if (duplicates.length === 0) return;
  const message = `the sequence of feature "${feature}" cannot tell which row comes first: several rows share ${keys.join(", ")}, such as ${foundText(duplicates)}; name columns that order them: thenBy: ["id"], or remove equal rows with distinct()`;
  throw new MlforgeError("KEY_VIOLATION", message, { feature, keys, nulls: [], duplicates: duplicates.map(({ example }) => example) });
}

function foundText(duplicates: readonly SharedKey[]): string {
  return duplicates.map(({ example, rows }) => `${showExamples([example])} in ${rows} rows`).join(", ");
}

/** Lists the as-of joins and sequences of a plan, the inputs first. */
function operationsIn(plan: Plan): readonly (AsOfJoin | Sequence)[] {
  if (plan.op === "scan") return [];
  const found: (AsOfJoin | Sequence)[] = [];
  mapInputs(
    plan,
    (input) => {
      found.push(...operationsIn(input));
      return input;
    },
    (scan) => scan,
  );
  return plan.op === "asOfJoin" || plan.op === "sequence" ? [...found, plan] : found;
}

function sourcesIn(plan: Plan): readonly string[] {
  const names = new Set<string>();
  mapScans(plan, (scan) => {
    names.add(scan.source);
    return scan;
  });
  return [...names];
}

/**
 * Returns the right side of a join and the columns that must be unique, by the names that users gave them. A date column is returned as it was before
 * its cast to a timestamp.
 */
function comparedRows({ right, on, timestamps }: AsOfJoin): { readonly rows: Plan; readonly keys: readonly string[] } {
  const compared = [...on.map((pair) => pair.right), timestamps.right];
  if (right.op !== "project") return { rows: right, keys: compared };
  const keys = compared.flatMap((key) => {
    const value = right.columns.find(({ name }) => name === key)?.value;
    const column = value?.expr === "cast" && value.to.kind === "timestamp" ? value.value : value;
    return column?.expr === "column" ? [column.name] : [];
  });
  const isSame = keys.length === compared.length && keys.slice(0, -1).every((key, index) => key === compared[index]);
  return isSame ? { rows: right.input, keys } : { rows: right, keys: compared };
}
