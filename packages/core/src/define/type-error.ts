declare const message: unique symbol;

/** A type that no value has. A definition with a mistake is compared with it, so that the compiler prints the sentence. */
export interface MlforgeTypeError<Message extends string> {
  readonly [message]: Message;
}

/** Says that a column does not exist, and suggests the nearest ones. `Where` says where the column was expected. */
export type NoColumn<A, Known, Where extends string = "the rows"> = `no column ${Quoted<A>} in ${Where}; ${Suggestion<A, Known>}`;

/** The nearest names, as a question. If none is near, the first of all names. */
export type Suggestion<A, Known> = [Near<A, Known>] extends [never]
  ? [Known] extends [never]
    ? "there is none"
    : `known names: ${Listed<Known>}`
  : `did you mean ${Listed<Near<A, Known>, " or ">}?`;

/** A name in quotes that the compiler does not escape. */
export type Quoted<A> = `'${A & string}'`;

/** The names in quotes, in one string. More than eight end in `...`. */
export type Listed<Names, Separator extends string = ", "> = Joined<TupleOf<Names>, Separator>;

type Joined<Names extends readonly unknown[], Separator extends string> = Names extends readonly [infer A]
  ? Quoted<A>
  : Names extends readonly [unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, ...infer _]
    ? Joined<[Names[0], Names[1], Names[2], Names[3], Names[4], Names[5], Names[6]], Separator> extends infer First extends string
      ? `${First}${Separator}...`
      : never
    : Names extends readonly [infer A, ...infer Rest]
      ? `${Quoted<A>}${Separator}${Joined<Rest, Separator>}`
      : "";

/** The members of a union in the order of the compiler. */
type TupleOf<U, Later extends readonly unknown[] = []> = [U] extends [never]
  ? Later
  : TupleOf<Exclude<U, LastOf<U>>, [LastOf<U>, ...Later]>;

type LastOf<U> = (U extends unknown ? (each: () => U) => void : never) extends (all: infer I) => void
  ? I extends () => infer Last
    ? Last
    : never
  : never;

/** The names that differ from `A` by a typo: one edit, or two in a name of six letters or more. */
type Near<A, Known> = A extends string
  ? Known extends string
    ? IsNear<
        Lowercase<A>,
        Lowercase<Known>,
        A extends `${string}${string}${string}${string}${string}${infer Sixth}` ? (Sixth extends "" ? [1] : [1, 1]) : [1]
      > extends true
      ? Known
      : never
    : never
  : never;

/** True if `Edits` insertions, deletions, substitutions, or swaps of neighbors turn `A` into `B`. */
type IsNear<A extends string, B extends string, Edits extends readonly 1[]> =
  WithoutCommonStart<A, B> extends readonly [infer X extends string, infer Y extends string]
    ? X extends Y
      ? true
      : Edits extends readonly [1, ...infer Fewer extends readonly 1[]]
        ? true extends
            | IsNear<Tail<X>, Y, Fewer>
            | IsNear<X, Tail<Y>, Fewer>
            | IsNear<Tail<X>, Tail<Y>, Fewer>
            | IsNear<Swapped<X>, Y, Fewer>
          ? true
          : false
        : false
    : false;

type WithoutCommonStart<A extends string, B extends string> = A extends `${infer First}${infer X}`
  ? B extends `${First}${infer Y}`
    ? WithoutCommonStart<X, Y>
    : readonly [A, B]
  : readonly [A, B];

type Tail<A extends string> = A extends `${string}${infer Rest}` ? Rest : "";

type Swapped<A extends string> = A extends `${infer First}${infer Second}${infer Rest}` ? `${Second}${First}${Rest}` : A;
