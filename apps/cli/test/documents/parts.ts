import * as v from "valibot";

/** What several documents have in common. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const version = v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/));
export const change = v.picklist(["initial", "major", "minor", "patch"]);
export const error = v.strictObject({ code: v.string(), message: v.string() });
export const failed = v.strictObject({ feature: v.string(), error });
const spent = v.optional(v.pipe(v.number(), v.minValue(0)));
export const seconds = v.strictObject({ reading: spent, computing: spent, checking: spent, publishing: spent });

interface ColumnType {
  kind: string;
  nullable: boolean;
  precision?: number | undefined;
  scale?: number | undefined;
  of?: ColumnType | undefined;
  length?: number | undefined;
  element?: string | undefined;
  fields?: (ColumnType & { name: string })[] | undefined;
}

const typeEntries = {
  kind: v.string(),
  nullable: v.boolean(),
  precision: v.optional(count),
  scale: v.optional(count),
  of: v.optional(v.lazy((): v.GenericSchema<ColumnType> => innerType)),
  length: v.optional(count),
  element: v.optional(v.picklist(["float32", "float64"])),
  fields: v.optional(v.array(v.lazy((): v.GenericSchema<ColumnType & { name: string }> => namedType))),
};
/** What a list holds: a column without a name. */
const innerType: v.GenericSchema<ColumnType> = v.strictObject(typeEntries);
/** A field of a struct. */
const namedType: v.GenericSchema<ColumnType & { name: string }> = v.strictObject({ name: v.string(), ...typeEntries });

/** The members of a column. */
export const columnEntries = { name: v.string(), ...typeEntries };

type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
/** A value of a row: structs are objects, lists and vectors arrays. */
export const value: v.GenericSchema<Value> = v.union([
  v.string(),
  v.number(),
  v.boolean(),
  v.null(),
  v.array(v.lazy((): v.GenericSchema<Value> => value)),
  v.record(
    v.string(),
    v.lazy((): v.GenericSchema<Value> => value),
  ),
]);

/** What `$defs` of a JSON Schema call the parts that hold themselves. */
export const recursive = { type: innerType, field: namedType, value };

/** What a killed process left behind. */
export const leftoverKind = v.picklist(["staging", "lock", "upload", "probe", "spill", "cache", "output"]);
