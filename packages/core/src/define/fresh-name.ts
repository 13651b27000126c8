/** A name that none of `taken` is, whatever its case. */
export function freshName(taken: readonly string[]): string {
  const folded = new Set(taken.map((name) => name.toLowerCase()));
  for (let count = 0; ; count++) {
    const name = `join_${count}`;
    if (!folded.has(name)) return name;
  }
}
