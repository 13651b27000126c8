/** Merges an intersection into one object type, so that editors show its columns. */
export type Simplify<T> = { readonly [A in keyof T]: T[A] } & {};
