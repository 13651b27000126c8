/** An expression, or a row of them, of unknown type. Errors are found when the feature is resolved for a build. */
// biome-ignore lint/suspicious/noExplicitAny: the one type that has every property, also under noUncheckedIndexedAccess.
export type Untyped = any;
