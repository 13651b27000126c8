/** The property that holds the kind of a definition. Registered, so that two installed copies of this package recognize each other's definitions. */
export const definitionSymbol: unique symbol = Symbol.for("mlforge.definition.v1");

/** The kinds of definitions that a module can export. */
export type DefinitionKind = "source" | "entity" | "feature" | "sql" | "batches";

/** Returns true if `candidate` is a definition of this kind, including one from another installed copy of this package. */
export function isDefinition(candidate: unknown, kind: DefinitionKind): boolean {
  return typeof candidate === "object" && candidate !== null && definitionSymbol in candidate && candidate[definitionSymbol] === kind;
}
