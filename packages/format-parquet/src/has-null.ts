import { type Column, elementOf, fieldsOf, vectorOf } from "@mlforge/spec";
import type { Data } from "apache-arrow";

/** Returns true if a list, vector or struct has a null inside where its column allows none. */
export function hasForbiddenNull(data: Data, column: Column): boolean {
  return hasStrictParts(column) && isForbiddenIn(data, column, range(0, data.length));
}

/** Returns true if something inside the column must not be null. */
function hasStrictParts(column: Column): boolean {
  const inside = insideOf(column);
  return inside.some((part) => !part.nullable || hasStrictParts(part));
}

function insideOf(column: Column): readonly Column[] {
  if (column.kind === "list") return [elementOf(column)];
  if (column.kind === "vector") return [{ kind: vectorOf(column).element, nullable: false }];
  return column.kind === "struct" ? fieldsOf(column) : [];
}

/** Looks only at the given values, because nulls in unused parts of a buffer mean nothing. */
function isForbiddenIn(data: Data | undefined, column: Column, values: readonly number[]): boolean {
  const present = values.filter((index) => data?.getValid(index));
  if (!column.nullable && present.length < values.length) return true;
  return insideOf(column).some((part, position) =>
    isForbiddenIn(data?.children[position], part, present.flatMap(elementsOf(data, column))),
  );
}

/** Returns where the parts of a value are in the children of its data. */
function elementsOf(data: Data | undefined, column: Column): (index: number) => readonly number[] {
  if (column.kind === "list") return (index) => range(data?.valueOffsets[index], data?.valueOffsets[index + 1]);
  if (column.kind !== "vector") return (index) => [index];
  const { length } = vectorOf(column);
  return (index) => range(index * length, (index + 1) * length);
}

function range(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
