const unknown = new WeakSet<object>();

/**
 * Creates a stand-in for a relation whose columns are not known yet. Whatever a transform reads from it, calls on it, or passes to it gives the
 * stand-in again, so the transform runs to its end and names all the sources that it reads.
 *
 * @param pass called with each argument that is passed to it
 */
export function unknownRelation(pass: (argument: unknown) => void): object {
  const standIn: object = new Proxy(() => standIn, {
    get: (_, property) => {
      if (property === Symbol.toPrimitive) return () => "";
      if (property === Symbol.iterator) return () => [].values();
      // A promise would be awaited.
      return property === "then" ? undefined : standIn;
    },
    apply: (_target, _this, given: readonly unknown[]) => {
      for (const argument of given) pass(argument);
      return standIn;
    },
  });
  unknown.add(standIn);
  return standIn;
}

export function isUnknownRelation(candidate: unknown): boolean {
  return typeof candidate === "function" && unknown.has(candidate);
}
