/** Returns a name that is not in `taken`, ignoring case. */
export function freshName(taken: readonly string[]): string {
  const folded = new Set(taken.map((name) => name.toLowerCase()));
  for (let count = 0; ; count++) {
    const name = `join_${count}`;
    if (!folded.has(name)) return name;
  }
}
