import type { Column, Schema } from "./column.js";

/** A type without its nullability. */
export type Kind = Omit<Column, "nullable" | "detail">;

/** Returns the kind of a column with only the details of that kind, such as the digits of a decimal or the element of a list. */
export function kindOf({ kind, precision, scale, of, length, element, fields }: Kind): Kind {
  switch (kind) {
    case "decimal":
      return { kind, precision: precision ?? 38, scale: scale ?? 0 };
    case "list":
      return { kind, of: of && columnTypeOf(of) };
    case "vector":
      return { kind, length, element };
    case "struct":
      return { kind, fields: fields?.map(({ name, ...field }) => ({ name, ...columnTypeOf(field) })) };
    default:
      return { kind };
  }
}

/** Returns the type of a column without its name: {@link kindOf} and its nullability. */
export function columnTypeOf(column: Column): Column {
  return { ...kindOf(column), nullable: column.nullable };
}

/** Prints a type for people: `decimal(18, 4)`, `list(int64)`, `vector(3, float32)`, `struct(city: string, zip: int64)`. */
export function typeText({ kind, precision, scale, of, length, element, fields = [] }: Kind): string {
  switch (kind) {
    case "decimal":
      return `decimal(${precision ?? 38}, ${scale ?? 0})`;
    case "list":
      return `list(${of === undefined ? "" : typeText(of)})`;
    case "vector":
      return `vector(${length}, ${element})`;
    case "struct":
      return `struct(${fields.map(({ name, ...field }) => `${fieldName(name)}: ${typeText(field)}`).join(", ")})`;
    default:
      return kind;
  }
}

/** Returns true if two types are the same, ignoring nullability inside. Equal text means equal types. */
export function isSameType(a: Kind, b: Kind): boolean {
  return typeText(a) === typeText(b);
}

/** Returns the type that holds the values of two types that differ only in nullability inside. */
export function withNullsOf(a: Kind, b: Kind): Kind {
  const both = (one: Column, other: Column | undefined): Column => ({
    ...withNullsOf(one, other ?? one),
    nullable: one.nullable || other?.nullable === true,
  });
  if (a.of !== undefined) return { kind: a.kind, of: both(a.of, b.of) };
  if (a.fields === undefined) return kindOf(a);
  return { kind: a.kind, fields: a.fields.map((field, index) => ({ name: field.name, ...both(field, b.fields?.[index]) })) };
}

/** Quotes a name that is not a plain word, so that it cannot look like the rest of a type. */
function fieldName(name: string): string {
  return /^\w+$/.test(name) ? name : JSON.stringify(name);
}

/** Returns the column of the elements of a list. @throws TypeError for any other kind */
export function elementOf({ kind, of }: Kind): Column {
  if (kind !== "list" || of === undefined) throw new TypeError(`a ${kind} has no elements`);
  return of;
}

/** Returns the fields of a struct. @throws TypeError for any other kind */
export function fieldsOf({ kind, fields }: Kind): Schema {
  if (kind !== "struct" || fields === undefined) throw new TypeError(`a ${kind} has no fields`);
  return fields;
}

/** Returns the length and the element type of a vector. @throws TypeError for any other kind */
export function vectorOf({ kind, length, element }: Kind): { readonly length: number; readonly element: "float32" | "float64" } {
  if (kind !== "vector" || length === undefined || element === undefined) throw new TypeError(`a ${kind} is not a vector`);
  return { length, element };
}

/** Returns true if a kind contains other columns. */
export function isNested({ kind }: Pick<Column, "kind">): boolean {
  return kind === "list" || kind === "vector" || kind === "struct";
}

/** Returns true if values of a kind have an order, as needed by `less`, `min`, and `sort`. */
export function isOrdered(type: Pick<Column, "kind">): boolean {
  return !isNested(type) && type.kind !== "json";
}
