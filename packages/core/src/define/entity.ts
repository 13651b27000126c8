import { DefinitionIssues } from "./definition-issues.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import { checkName, showName } from "./name.js";

/** A thing that features describe, known by its keys. */
export interface Entity<K extends string> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "entity">;
  readonly name: string;
  readonly keys: readonly K[];
  readonly description: string | undefined;
}

/** Any entity. */
export type AnyEntity = Entity<string>;

export interface EntityOptions<K extends string> {
  readonly name: string;
  /** The columns that tell one from another; at least one. */
  readonly keys: readonly K[];
  readonly description?: string | undefined;
}

/**
 * A thing that features describe, known by its keys.
 *
 * @throws DEFINITION_INVALID
 *
 * @example
 * const airport = entity({ name: "airport", keys: ["origin"] });
 */
export function entity<const K extends string>({ name, keys, description }: EntityOptions<K>): Entity<K> {
  const issues = new DefinitionIssues();
  const at = showName("entity", name);
  checkName(at, name, issues);
  checkKeys(keys, `${at}.keys`, issues);
  issues.check();
  return { [definitionSymbol]: "entity", name, keys, description };
}

export function isEntity(candidate: unknown): candidate is AnyEntity {
  return isDefinition(candidate, "entity");
}

/** Keys: at least one, each a column name, none twice. */
export function checkKeys(keys: unknown, at: string, issues: DefinitionIssues): void {
  if (!Array.isArray(keys) || keys.length === 0) {
    issues.add(at, "at least one key is needed");
    return;
  }
  for (const [index, key] of keys.entries()) {
    if (typeof key !== "string" || key === "") issues.add(`${at}[${index}]`, `${JSON.stringify(key)} is no column name`);
    else if (keys.indexOf(key) < index) issues.add(`${at}[${index}]`, `the key "${key}" is given twice`);
  }
}
