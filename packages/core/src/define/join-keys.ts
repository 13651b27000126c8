import { type Column, type Columns, type Expression, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import type { AnyFeature } from "./any-feature.js";
import { DefinitionIssues } from "./definition-issues.js";
import { type AnyEntity, isEntity } from "./entity.js";
import { noIdentity } from "./no-identity.js";
import { declaredColumns, scanOf } from "./scan-of.js";
import type { Simplify } from "./simplify.js";
import { unknownColumn } from "./unknown-column.js";

/** The columns `C`, and the join keys `J` of entities that are made of some of them. */
export type WithJoinKeys<C extends Columns, J extends string> = [J] extends [never]
  ? C
  : string extends keyof C
    ? C
    : Simplify<C & { readonly [A in J]: Column<"string", false> }>;

/**
 * The rows of a source with the join key of each entity that is made of other columns.
 *
 * @throws DEFINITION_INVALID with everything that does not fit.
 */
export function withJoinKeys(rows: Plan, source: string, entities: readonly AnyEntity[]): Plan {
  const made = entities.filter((entity) => isEntity(entity) && entity.surrogate !== undefined);
  if (made.length === 0) return rows;
  const schema = schemaOf(rows);
  const issues = new DefinitionIssues();
  const kept = schema.map(({ name }) => ({ name, value: columnNamed(name) }));
  const keys = made.flatMap((entity) => joinKey(entity, schema, `source "${source}"`, issues));
  issues.check();
  return { op: "project", input: rows, columns: [...kept, ...keys] };
}

/** As {@link withJoinKeys}, where the source declares its columns. */
export function checkJoinKeys({ source, entities }: Pick<AnyFeature, "source" | "entities">): void {
  const columns = declaredColumns(source);
  if (columns !== undefined) withJoinKeys(scanOf(source, columns), source.name, entities);
}

function joinKey(
  { name: entity, surrogate }: AnyEntity,
  schema: Schema,
  where: string,
  issues: DefinitionIssues,
): readonly { readonly name: string; readonly value: Expression }[] {
  if (surrogate === undefined) return [];
  const { joinKey: name, from } = surrogate;
  const names = schema.map((column) => column.name);
  if (names.includes(name))
    issues.add(`${entity}.joinKey`, `${where} already has a column "${name}"; name the join key otherwise, or use it as a key of its own`);
  for (const { name: column, kind: stated } of from) {
    const found = schema.find((candidate) => candidate.name === column);
    const at = `${entity}.from.${column}`;
    if (found === undefined) issues.add(at, unknownColumn(column, names, where));
    else if (noIdentity(found.kind) !== undefined) issues.add(at, `the column "${column}" is ${found.kind}; ${noIdentity(found.kind)}`);
    else if (stated !== undefined && family(stated) !== family(found.kind))
      issues.add(at, `the column "${column}" is ${found.kind} in ${where}, and ${stated} would give other keys; cast one of them`);
  }
  return [{ name, value: { expr: "call", function: "surrogateKey", arguments: from.map((each) => columnNamed(each.name)) } }];
}

function columnNamed(name: string): Expression {
  return { expr: "column", name };
}

/** Kinds whose equal values give equal keys. */
function family(kind: Column["kind"]): string {
  return kind === "int32" || kind === "int64" ? "integer" : kind;
}
