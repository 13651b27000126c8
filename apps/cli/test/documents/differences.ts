import * as v from "valibot";

const names = v.array(v.string());
const typed = v.strictObject({ name: v.string(), type: v.string() });

function step<S extends v.GenericSchema>(value: S) {
  return v.nullable(v.strictObject({ from: value, to: value }));
}

/** What differs between two versions, in the documents of plan and diff. */
export const differences = v.strictObject({
  columns: v.strictObject({
    added: v.array(typed),
    removed: v.array(typed),
    retyped: v.array(v.strictObject({ name: v.string(), from: v.string(), to: v.string() })),
    nullable: v.array(v.strictObject({ name: v.string(), from: v.boolean(), to: v.boolean() })),
  }),
  keys: step(names),
  timestamp: step(v.nullable(v.string())),
  tags: step(names),
  description: step(v.nullable(v.string())),
  validators: v.strictObject({ added: names, removed: names, changed: names }),
  logic: v.nullable(v.array(v.strictObject({ kind: v.picklist(["same", "added", "removed"]), text: v.string() }))),
});
