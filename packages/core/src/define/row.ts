import { column, findColumn, type Schema } from "@mlforge/spec";
import type { Untyped } from "./expr.js";
import { ExpressionBuilder } from "./expression-builder.js";

/** Creates the row passed to a callback: an expression for each column. Accessing any other column throws COLUMN_UNKNOWN. */
export function rowOf(schema: Schema, method: string): Untyped {
  const columns: Record<string, ExpressionBuilder> = Object.create(null);
  for (const { name } of schema) columns[name] = new ExpressionBuilder(column(name), schema);
  return new Proxy(columns, {
    get: (target, name) => {
      if (typeof name === "symbol") return undefined;
      return target[findColumn(name, schema, `the rows given to ${method}`).name];
    },
  });
}
