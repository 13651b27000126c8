import { type Column, type Columns, column, type Expression, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import type { AnyFeature } from "./any-feature.js";
import { DefinitionIssues } from "./definition-issues.js";
import { type AnyEntity, isEntity } from "./entity.js";
import { noIdentity } from "./no-identity.js";
import { declaredColumns, scanOf } from "./scan-of.js";
import type { Simplify } from "./simplify.js";
import { unknownColumn } from "./unknown-column.js";

declare const derived: unique symbol;

/** Marks the column of a key that is derived from other columns, so that labels need not have it. */
export interface DerivedKey {
  readonly [derived]: true;
}

/** The columns of a feature, with its derived keys `J` marked. */
export type WithDerivedKeys<C extends Columns, J extends string> = [J] extends [never]
  ? C
  : string extends keyof C
    ? C
    : { readonly [A in keyof C]: A extends J ? Column<C[A]["kind"], C[A]["nullable"], DerivedKey> : C[A] };

/** The columns `C`, and the join keys `J` derived from them. */
export type WithJoinKeys<C extends Columns, J extends string> = [J] extends [never]
  ? C
  : string extends keyof C
    ? C
    : Simplify<C & { readonly [A in J]: Column<"string", false> }>;

/**
 * Adds the derived join keys of entities to the rows of a source.
 *
 * @throws DEFINITION_INVALID, which lists every problem
 */
export function withJoinKeys(rows: Plan, source: string, entities: readonly AnyEntity[]): Plan {
  const made = entities.filter((entity) => isEntity(entity) && entity.surrogate !== undefined);
  if (made.length === 0) return rows;
  const schema = schemaOf(rows);
  const issues = new DefinitionIssues();
  const kept = schema.map(({ name }) => ({ name, value: column(name) }));
  const keys = made.flatMap((entity) => joinKey(entity, schema, `source "${source}"`, issues));
  issues.check();
  return { op: "project", input: rows, columns: [...kept, ...keys] };
}

/** Checks the join keys like {@link withJoinKeys}, if the source declares its columns. */
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
    issues.add(`${entity}.joinKey`, `${where} already has a column "${name}"; rename the join key, or use the column as a key`);
  for (const { name: column, kind: stated } of from) {
    const found = schema.find((candidate) => candidate.name === column);
    const at = `${entity}.from.${column}`;
    if (found === undefined) issues.add(at, unknownColumn(column, names, where));
    else if (noIdentity(found.kind) !== undefined) issues.add(at, `the column "${column}" is ${found.kind}; ${noIdentity(found.kind)}`);
    else if (stated !== undefined && family(stated) !== family(found.kind))
      issues.add(
        at,
        `the column "${column}" is ${found.kind} in ${where} and ${stated} in the entity, which gives different keys; cast one of them`,
      );
  }
  return [{ name, value: { expr: "call", function: "surrogateKey", arguments: from.map((each) => column(each.name)) } }];
}

/** Groups kinds whose equal values give equal keys. */
function family(kind: Column["kind"]): string {
  return kind === "int32" || kind === "int64" ? "integer" : kind;
}
