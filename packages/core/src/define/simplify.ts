/** Merges an intersection into one object type, so that editors show its columns. */
export type Simplify<T> = { readonly [A in keyof T]: T[A] } & {};

/** The intersection of the members of a union. */
export type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never;
