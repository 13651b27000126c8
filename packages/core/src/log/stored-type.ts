import { type Column, columnKinds, type NamedColumn } from "@mlforge/spec";
import * as v from "valibot";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const details = {
  kind: v.picklist(columnKinds),
  nullable: v.boolean(),
  precision: v.optional(count),
  scale: v.optional(count),
  length: v.optional(v.pipe(count, v.minValue(1))),
  element: v.optional(v.picklist(["float32", "float64"])),
};

/** The members of a column type in a document written by mlforge, except its name. {@link isComplete} checks their combination. */
export const typeEntries = {
  ...details,
  of: v.optional(v.lazy((): v.GenericSchema<unknown, Column> => innerType)),
  fields: v.optional(v.lazy((): v.GenericSchema<unknown, readonly NamedColumn[]> => v.array(namedType))),
};

const innerType: v.GenericSchema<unknown, Column> = v.pipe(
  v.object(typeEntries),
  v.check((type) => isComplete(type), "is incomplete for its kind"),
);

const namedType: v.GenericSchema<unknown, NamedColumn> = v.pipe(
  v.object({ name: v.string(), ...typeEntries }),
  v.check((type) => isComplete(type), "is incomplete for its kind"),
);

/** Returns true if a type has everything that its kind requires. */
export function isComplete({ kind, of, length, element, fields = [] }: Omit<Column, "nullable">): boolean {
  switch (kind) {
    case "list":
      return of !== undefined;
    case "vector":
      return length !== undefined && element !== undefined;
    case "struct":
      return fields.length > 0;
    default:
      return true;
  }
}
