/** Returns a name that is not in `taken`, ignoring case. */
export function freshName(taken: readonly string[], prefix = "join"): string {
  const folded = new Set(taken.map((name) => name.toLowerCase()));
  for (let count = 0; ; count++) {
    const name = `${prefix}_${count}`;
    if (!folded.has(name)) return name;
  }
}
