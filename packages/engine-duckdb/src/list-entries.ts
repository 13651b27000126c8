import type duckdb from "@duckdb/node-bindings";
import type { Bindings } from "./arrow-column.js";
import { isValid } from "./validity.js";

/** A `duckdb_list_entry`: 8 bytes of offset into the elements, 8 bytes of length. */
const entryBytes = 16;

/** Consecutive elements of a list vector. */
interface ElementRun {
  readonly start: number;
  readonly length: number;
}

/**
 * Calls `each` with the elements of the lists of some rows, in order, adjacent ones together, and with `undefined` for each null list, whose entry
 * can be anything. Calls `onEnd` at each row with the number of elements before its end.
 */
export function forEachListRun(
  bindings: Bindings,
  vector: duckdb.Vector,
  valid: Uint8Array | null,
  { start, rows }: { readonly start: number; readonly rows: number },
  each: (run: ElementRun | undefined) => void,
  onEnd: (row: number, elements: number) => void = () => {},
): void {
  const bytes = bindings.vector_get_data(vector, (start + rows) * entryBytes);
  const entries = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [from, to, count] = [0, 0, 0];
  const finishRun = (): void => {
    if (to > from) each({ start: from, length: to - from });
    from = to;
  };
  for (let row = 0; row < rows; row++) {
    if (isValid(valid, start + row)) {
      const at = (start + row) * entryBytes;
      const offset = Number(entries.getBigUint64(at, true));
      const length = Number(entries.getBigUint64(at + 8, true));
      if (offset !== to) {
        finishRun();
        from = offset;
      }
      to = offset + length;
      count += length;
    } else {
      finishRun();
      each(undefined);
    }
    onEnd(row, count);
  }
  finishRun();
}
