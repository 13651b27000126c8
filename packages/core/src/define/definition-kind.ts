/** Where a definition says what it is. Registered, so that two installed copies of this package know each other's. */
export const definitionSymbol: unique symbol = Symbol.for("mlforge.definition.v1");

/** What a module can export that is a definition. */
export type DefinitionKind = "source" | "entity" | "feature" | "sql" | "batches";

/** Whether `candidate` is a definition of this kind, also one made by another installed copy of this package. */
export function isDefinition(candidate: unknown, kind: DefinitionKind): boolean {
  return typeof candidate === "object" && candidate !== null && definitionSymbol in candidate && candidate[definitionSymbol] === kind;
}
