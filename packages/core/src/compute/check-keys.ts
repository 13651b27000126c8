import { type Engine, type ExampleRow, findColumn, MlforgeError, violationColumn, violationRowsColumn } from "@mlforge/spec";
import { type RowValue, rowsOf } from "../read/rows.js";
import { keyColumns } from "../resolve/key-columns.js";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import { exampleRow, showExamples } from "./example-row.js";
import { haveNoNulls } from "./null-keys.js";
import { writtenRows } from "./written-rows.js";

/** The maximum number of example rows of each kind in an error. */
const maxExamples = 3;

/**
 * Checks the written rows: no nulls in the keys or the timestamp, and no two rows that share them.
 *
 * The files are sorted by these columns, so one streaming pass is enough. With `unique`, the plan has already proved that no rows share them, and the
 * footers of local files usually prove that there are no nulls.
 *
 * @throws KEY_VIOLATION with the keys that most rows share, and the number of rows
 */
export async function checkKeys(
  engine: Engine,
  resolved: ResolvedFeature,
  urls: readonly string[],
  options: { readonly unique: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const keys = keyColumns(resolved);
  if (options.unique && (await haveNoNulls(urls, keys, options.signal))) return;
  const columns = keys.map((key) => findColumn(key, resolved.schema));
  const batches = engine.run(
    {
      op: "keyViolations",
      input: writtenRows(resolved, urls, columns),
      keys,
      sorted: true,
      unique: options.unique,
      limit: maxExamples,
    },
    { signal: options.signal },
  );
  const found = new KeyViolations(resolved);
  for await (const batch of batches) {
    const rows = rowsOf(batch, [...columns, violationColumn, violationRowsColumn], { int64: "bigint", timestamp: "microseconds" });
    for (const { [violationColumn.name]: violation, [violationRowsColumn.name]: count, ...row } of rows) {
      found.add(violation === "null" ? "null" : "duplicate", row, Number(count));
    }
  }
  found.raise();
}

/** Keys that are null or shared by several rows. */
interface Violation {
  readonly example: ExampleRow;
  /** The number of rows with these keys. Undefined if they were not counted. */
  readonly rows: number | undefined;
}

/** Collects invalid keys and throws one error for all of them. */
export class KeyViolations {
  readonly #resolved: Pick<ResolvedFeature, "feature" | "keys" | "timestamp" | "schema">;
  readonly #nulls: Violation[] = [];
  readonly #duplicates: Violation[] = [];

  constructor(resolved: Pick<ResolvedFeature, "feature" | "keys" | "timestamp" | "schema">) {
    this.#resolved = resolved;
  }

  add(kind: "null" | "duplicate", row: Readonly<Record<string, RowValue>>, rows?: number): void {
    const violations = kind === "null" ? this.#nulls : this.#duplicates;
    if (violations.length < maxExamples) violations.push({ example: exampleRow(row, this.#resolved.schema), rows });
  }

  /** Throws if anything was added. @throws KEY_VIOLATION */
  raise(): void {
    const { feature } = this.#resolved;
    const keys = keyColumns(this.#resolved);
    const parts: string[] = [];
    if (this.#nulls.length > 0) parts.push(`rows with a null in ${keys.join(", ")}, such as ${show(this.#nulls)}`);
    if (this.#duplicates.length > 0) parts.push(`several rows for one ${keys.join(", ")}, such as ${show(this.#duplicates)}`);
    if (parts.length === 0) return;
    throw new MlforgeError(
      "KEY_VIOLATION",
      `feature "${feature.name}" has ${parts.join(", and ")}; filter them out, or aggregate so that each key has one row`,
      {
        feature: feature.name,
        keys,
        nulls: this.#nulls.map(({ example }) => example),
        duplicates: this.#duplicates.map(({ example }) => example),
      },
    );
  }
}

/** Formats violations: `(user=u0) in 3 rows, (user=u1) in 2 rows`. */
function show(violations: readonly Violation[]): string {
  return violations
    .map(({ example, rows }) => showExamples([example]) + (rows === undefined ? "" : ` in ${rows} ${rows === 1 ? "row" : "rows"}`))
    .join(", ");
}
