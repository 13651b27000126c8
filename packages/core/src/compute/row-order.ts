import { findColumn, MlforgeError, type NamedColumn } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { type RowValue, rowsOf } from "../read/rows.js";
import { keyColumns } from "../resolve/key-columns.js";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import { KeyViolations } from "./check-keys.js";

/** Checks that rows come in ascending order of keys and timestamp, without nulls or duplicates. Holds only the last row. */
export class RowOrder {
  readonly #resolved: ResolvedFeature;
  readonly #columns: readonly NamedColumn[];
  #last: Readonly<Record<string, RowValue>> | undefined;

  constructor(resolved: ResolvedFeature) {
    this.#resolved = resolved;
    this.#columns = keyColumns(resolved).map((key) => findColumn(key, resolved.schema));
  }

  /** Checks the rows of a batch. @throws KEY_VIOLATION, or TRANSFORM_FAILED if a row is lower than the row before it */
  check(batch: RecordBatch): void {
    for (const row of rowsOf(batch, this.#columns, { int64: "bigint", timestamp: "microseconds" })) {
      const violations = new KeyViolations(this.#resolved);
      if (Object.values(row).includes(null)) violations.add("null", row);
      const order = this.#last === undefined ? 1 : this.#compare(row, this.#last);
      if (order === 0) violations.add("duplicate", row);
      violations.raise();
      if (order < 0) this.#refuse();
      this.#last = row;
    }
  }

  #compare(a: Readonly<Record<string, RowValue>>, b: Readonly<Record<string, RowValue>>): number {
    for (const { name } of this.#columns) {
      const order = compareValues(a[name] ?? null, b[name] ?? null);
      if (order !== 0) return order;
    }
    return 0;
  }

  #refuse(): never {
    const { feature } = this.#resolved;
    throw new MlforgeError(
      "TRANSFORM_FAILED",
      `the function of feature "${feature.name}" must yield its rows in ascending order of ${this.#columns.map((column) => column.name).join(", ")}; sort them, or pass an engine to Definitions, which sorts them`,
      { where: feature.name },
    );
  }
}

/** Compares numbers by value, and text and bytes by their UTF-8 bytes, as engines do. */
function compareValues(a: RowValue, b: RowValue): number {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a === null || b === null || a === b) return 0;
  return a < b ? -1 : 1;
}
