import { type AnySource, isSource } from "./source.js";

/** The stand-ins, each with the sources that it was joined with. */
const unknown = new WeakMap<object, Set<AnySource>>();

/**
 * Creates a stand-in for a relation whose columns are not known yet. Whatever a transform reads from it, calls on it, or passes to it gives the
 * stand-in again, so the transform runs to its end and names all the sources that it reads.
 */
export function unknownRelation(joined: Iterable<AnySource> = []): object {
  const sources = new Set(joined);
  const standIn: object = new Proxy(() => standIn, {
    get: (_, property) => {
      if (property === Symbol.toPrimitive) return () => "";
      if (property === Symbol.iterator) return () => [].values();
      // A promise would be awaited.
      return property === "then" ? undefined : standIn;
    },
    apply: (_, __, given: readonly unknown[]) => {
      for (const each of given) for (const source of isSource(each) ? [each] : sourcesOfUnknown(each)) sources.add(source);
      return standIn;
    },
  });
  unknown.set(standIn, sources);
  return standIn;
}

export function isUnknownRelation(candidate: unknown): boolean {
  return typeof candidate === "function" && unknown.has(candidate);
}

/** Returns the sources that a stand-in was joined with. Anything else has none. */
export function sourcesOfUnknown(candidate: unknown): Iterable<AnySource> {
  return (typeof candidate === "function" ? unknown.get(candidate) : undefined) ?? [];
}
