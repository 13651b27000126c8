import type { Column, Schema } from "./column.js";

/** A type without its nullability. */
export type Kind = Omit<Column, "nullable" | "detail">;

/** The kind of a column with exactly what that kind needs: the digits of a decimal, the element of a list, and nothing else. */
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

/** A column's type without its name: {@link kindOf} and its nullability. */
export function columnTypeOf(column: Column): Column {
  return { ...kindOf(column), nullable: column.nullable };
}

/** A type as people read it: `decimal(18, 4)`, `list(int64)`, `vector(3, float32)`, `struct(city: string, zip: int64)`. */
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

/** Whether two types are the same, the nullability of what they are made of aside. Equal text means equal types. */
export function isSameType(a: Kind, b: Kind): boolean {
  return typeText(a) === typeText(b);
}

/** The type that holds the values of two that are the same but for the nullability of what they are made of. */
export function withNullsOf(a: Kind, b: Kind): Kind {
  const both = (one: Column, other: Column | undefined): Column => ({
    ...withNullsOf(one, other ?? one),
    nullable: one.nullable || other?.nullable === true,
  });
  if (a.of !== undefined) return { kind: a.kind, of: both(a.of, b.of) };
  if (a.fields === undefined) return kindOf(a);
  return { kind: a.kind, fields: a.fields.map((field, index) => ({ name: field.name, ...both(field, b.fields?.[index]) })) };
}

/** Quoted where it is not a plain word, so that no name can pass for the rest of a type. */
function fieldName(name: string): string {
  return /^\w+$/.test(name) ? name : JSON.stringify(name);
}

/** The column of the elements of a list. @throws TypeError for anything else, which no schema holds. */
export function elementOf({ kind, of }: Kind): Column {
  if (kind !== "list" || of === undefined) throw new TypeError(`a ${kind} has no elements`);
  return of;
}

/** The fields of a struct. @throws TypeError for anything else, which no schema holds. */
export function fieldsOf({ kind, fields }: Kind): Schema {
  if (kind !== "struct" || fields === undefined) throw new TypeError(`a ${kind} has no fields`);
  return fields;
}

/** The length of a vector and what its numbers are. @throws TypeError for anything else, which no schema holds. */
export function vectorOf({ kind, length, element }: Kind): { readonly length: number; readonly element: "float32" | "float64" } {
  if (kind !== "vector" || length === undefined || element === undefined) throw new TypeError(`a ${kind} is not a vector`);
  return { length, element };
}

/** Whether a kind is made of other columns. */
export function isNested({ kind }: Pick<Column, "kind">): boolean {
  return kind === "list" || kind === "vector" || kind === "struct";
}

/** Whether values of a kind have an order: those with `less`, `min`, `sort` and the like. */
export function isOrdered(type: Pick<Column, "kind">): boolean {
  return !isNested(type) && type.kind !== "json";
}
