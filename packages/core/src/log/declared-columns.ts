import type { Column, Schema } from "@mlforge/spec";
import { dtypeOf } from "./metadata.js";

/** Returns how the columns of a version differ from those that a definition declares. Other columns do not matter. */
export function declaredProblems(declared: Schema, columns: Schema): readonly string[] {
  return declared.flatMap((wanted) => {
    const found = columns.find((column) => column.name === wanted.name);
    if (found === undefined) return [`it has no column "${wanted.name}"`];
    if (dtypeOf(found) !== dtypeOf(wanted))
      return [`"${wanted.name}" is ${dtypeOf(found)}, but the definition declares ${dtypeOf(wanted)}`];
    return mayBeNull(found, wanted) ? [`"${wanted.name}" can be null, but the definition declares that it cannot`] : [];
  });
}

/** Returns true if a value, or a value inside it, can be null although the definition declares that it cannot. */
function mayBeNull(found: Column, wanted: Column): boolean {
  if (found.nullable && !wanted.nullable) return true;
  if (found.of !== undefined && wanted.of !== undefined) return mayBeNull(found.of, wanted.of);
  return (found.fields ?? []).some((field, index) => {
    const other = wanted.fields?.[index];
    return other !== undefined && mayBeNull(field, other);
  });
}
