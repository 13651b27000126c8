import type { Column, ColumnKind } from "@mlforge/spec";
import { DefinitionIssues } from "./definition-issues.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import { checkName, showName } from "./name.js";
import { noIdentity } from "./no-identity.js";
import { checkColumns } from "./source.js";

/** A thing that features describe, identified by its keys `K`. `J` is the key derived from the columns `F`, if any. */
export interface Entity<K extends string, J extends string = never, F extends string = never> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "entity">;
  readonly name: string;
  readonly keys: readonly K[];
  /** How its key is derived. Undefined if its keys are columns of the source. */
  readonly surrogate: Surrogate<J, F> | undefined;
  readonly description: string | undefined;
}

/** A key derived from other columns. */
export interface Surrogate<J extends string = string, F extends string = string> {
  readonly joinKey: J;
  /** In the order in which they are hashed. */
  readonly from: readonly {
    readonly name: F;
    /** Undefined if the entity declares none. The kind of the column then applies. */
    readonly kind: ColumnKind | undefined;
  }[];
}

/** Any entity. */
export type AnyEntity = Entity<string, string, string>;

export interface EntityOptions<K extends string> {
  readonly name: string;
  /** The columns that identify the entity. At least one is required. */
  readonly keys: readonly K[];
  readonly description?: string | undefined;
}

export interface SurrogateEntityOptions<J extends string, F extends string> {
  readonly name: string;
  /** The name of the derived key: a string that is never null. Features about the entity compute it from the columns of their source. */
  readonly joinKey: J;
  /**
   * The columns it is derived from, in order. At least one is required. Add types if values also come from JavaScript and could have several kinds.
   * Null counts as a value. Floats are refused.
   */
  readonly from: readonly F[] | Readonly<Record<F, Column>>;
  readonly description?: string | undefined;
}

/**
 * Defines an entity: a thing that features describe, identified by its keys.
 *
 * `joinKey` names a key that is derived from several columns. See `docs/surrogate-keys.md`.
 *
 * @throws DEFINITION_INVALID
 *
 * @example
 * const airport = entity({ name: "airport", keys: ["origin"] });
 * const user = entity({ name: "user", joinKey: "user_id", from: ["first", "last", "dob"] });
 */
export function entity<const K extends string>(options: EntityOptions<K>): Entity<K>;
export function entity<const J extends string, const F extends string>(options: SurrogateEntityOptions<J, F>): Entity<J, J, F>;
export function entity(options: EntityOptions<string> | SurrogateEntityOptions<string, string>): AnyEntity {
  const { name, description } = options;
  const issues = new DefinitionIssues();
  const at = showName("entity", name);
  checkName(at, name, issues);
  const surrogate = "joinKey" in options ? surrogateOf(options, at, issues) : undefined;
  const keys = "keys" in options ? options.keys : [options.joinKey];
  if (surrogate === undefined) checkKeys(keys, `${at}.keys`, issues);
  issues.check();
  return { [definitionSymbol]: "entity", name, keys, surrogate, description };
}

function surrogateOf(options: SurrogateEntityOptions<string, string>, at: string, issues: DefinitionIssues): Surrogate {
  const { joinKey, from } = options;
  if ("keys" in options) issues.add(`${at}.keys`, "pass either keys or joinKey, not both");
  if (typeof joinKey !== "string" || joinKey === "") issues.add(`${at}.joinKey`, `${JSON.stringify(joinKey)} is not a column name`);
  const columns = isList(from) ? from.map((column) => ({ name: column, kind: undefined })) : declared(from, `${at}.from`, issues);
  const names = columns.map((column) => column.name);
  checkKeys(names, `${at}.from`, issues);
  if (names.includes(joinKey)) issues.add(`${at}.joinKey`, `"${joinKey}" cannot be derived from itself`);
  return { joinKey, from: columns };
}

function declared(from: Readonly<Record<string, Column>> | undefined, at: string, issues: DefinitionIssues): Surrogate["from"] {
  if (typeof from !== "object" || from === null) return [];
  checkColumns(from, at, issues);
  return Object.entries(from).map(([name, column]) => {
    const kind = column?.kind;
    const reason = kind === undefined ? undefined : noIdentity(kind);
    if (reason !== undefined) issues.add(`${at}.${name}`, `the column "${name}" is ${kind}; ${reason}`);
    return { name, kind };
  });
}

function isList<T>(candidate: readonly T[] | object | undefined): candidate is readonly T[] {
  return Array.isArray(candidate);
}

export function isEntity(candidate: unknown): candidate is AnyEntity {
  return isDefinition(candidate, "entity");
}

/** Checks keys: at least one, each a column name, none twice. */
export function checkKeys(keys: unknown, at: string, issues: DefinitionIssues): void {
  if (!Array.isArray(keys) || keys.length === 0) {
    issues.add(at, "expected at least one key");
    return;
  }
  for (const [index, key] of keys.entries()) {
    if (typeof key !== "string" || key === "") issues.add(`${at}[${index}]`, `${JSON.stringify(key)} is not a column name`);
    else if (keys.indexOf(key) < index) issues.add(`${at}[${index}]`, `the key "${key}" is given twice`);
  }
}
