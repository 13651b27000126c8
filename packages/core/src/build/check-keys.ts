import { type Engine, type ExampleRow, findColumn, MlforgeError, violationColumn } from "@mlforge/spec";
import type { ResolvedFeature } from "../define/resolve-feature.js";
import { type RowValue, rowsOf } from "../read/rows.js";
import { exampleRow, showExamples } from "./example-row.js";
import { keyColumns } from "./key-columns.js";
import { writtenRows } from "./written-rows.js";

/** How many example rows of each kind an error shows. */
const maxExamples = 3;

/**
 * Checks the written rows: no null in keys or timestamp, and no two rows that share them.
 *
 * The file is sorted by them, so one streaming pass over these columns suffices; with `unique` the plan has proved the second half.
 *
 * @throws KEY_VIOLATION with example rows.
 */
export async function checkKeys(
  engine: Engine,
  resolved: ResolvedFeature,
  path: string,
  options: { readonly unique: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const keys = keyColumns(resolved);
  const columns = keys.map((key) => findColumn(key, resolved.schema));
  const batches = engine.run(
    {
      op: "keyViolations",
      input: writtenRows(resolved, path, columns),
      keys,
      sorted: true,
      unique: options.unique,
      limit: maxExamples,
    },
    { signal: options.signal },
  );
  const found = new KeyViolations(resolved);
  for await (const batch of batches) {
    for (const { [violationColumn.name]: violation, ...row } of rowsOf(batch, [...columns, violationColumn], {
      int64: "bigint",
      timestamp: "microseconds",
    })) {
      found.add(violation === "null" ? "null" : "duplicate", row);
    }
  }
  found.raise();
}

/** Collects the rows that break the uniqueness of keys, and raises one error for all. */
export class KeyViolations {
  readonly #resolved: Pick<ResolvedFeature, "feature" | "keys" | "timestamp" | "schema">;
  readonly #nulls: ExampleRow[] = [];
  readonly #duplicates: ExampleRow[] = [];

  constructor(resolved: Pick<ResolvedFeature, "feature" | "keys" | "timestamp" | "schema">) {
    this.#resolved = resolved;
  }

  add(kind: "null" | "duplicate", row: Readonly<Record<string, RowValue>>): void {
    const examples = kind === "null" ? this.#nulls : this.#duplicates;
    if (examples.length < maxExamples) examples.push(exampleRow(row, this.#resolved.schema));
  }

  /** @throws KEY_VIOLATION if any was added. */
  raise(): void {
    const { feature } = this.#resolved;
    const keys = keyColumns(this.#resolved);
    const parts: string[] = [];
    if (this.#nulls.length > 0) parts.push(`rows with a null in ${keys.join(", ")}, such as ${showExamples(this.#nulls)}`);
    if (this.#duplicates.length > 0) parts.push(`several rows for one ${keys.join(", ")}, such as ${showExamples(this.#duplicates)}`);
    if (parts.length === 0) return;
    throw new MlforgeError(
      "KEY_VIOLATION",
      `feature "${feature.name}" has ${parts.join(", and ")}; filter them out, or aggregate so that each key has one row`,
      { feature: feature.name, keys, nulls: this.#nulls, duplicates: this.#duplicates },
    );
  }
}
