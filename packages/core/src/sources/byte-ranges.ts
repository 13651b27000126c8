/** The bytes from `start` up to, but not including, `end`. */
export interface Bytes {
  readonly start: number;
  readonly end: number;
}

export function lengthOf(ranges: readonly Bytes[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Returns the same bytes in ascending order, without overlaps, in as few ranges as possible. */
export function united(ranges: readonly Bytes[]): Bytes[] {
  const result: Bytes[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    if (end <= start) continue;
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) result[result.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    else result.push({ start, end });
  }
  return result;
}

/** Returns true if a range has a byte in common with any of the others. */
export function overlap({ start, end }: Bytes, others: readonly Bytes[]): boolean {
  return others.some((other) => other.start < end && start < other.end);
}

/** Returns the bytes of `wanted` that are not in `had`. */
export function without(wanted: readonly Bytes[], had: readonly Bytes[]): Bytes[] {
  const gaps = united(had);
  return united(wanted).flatMap(({ start, end }) => {
    const left: Bytes[] = [];
    let from = start;
    for (const gap of gaps) {
      if (gap.end <= from) continue;
      if (gap.start >= end) break;
      if (gap.start > from) left.push({ start: from, end: gap.start });
      from = gap.end;
    }
    return from < end ? [...left, { start: from, end }] : left;
  });
}

/** A request costs about as much time as this many bytes, so a longer gap is never bridged. */
const maxGap = 1024 * 1024;
const maxWaste = 0.1;

/** Joins neighboring ranges across gaps, as long as each gap is at most a tenth of the wanted bytes. The ranges must be ascending. */
export function bridged(ranges: readonly Bytes[]): Bytes[] {
  const result: { start: number; end: number; wanted: number }[] = [];
  for (const { start, end } of ranges) {
    const last = result.at(-1);
    const wanted = (last?.wanted ?? 0) + end - start;
    if (last !== undefined && start - last.end <= maxGap && end - last.start - wanted <= maxWaste * wanted) {
      last.end = end;
      last.wanted = wanted;
    } else {
      result.push({ start, end, wanted: end - start });
    }
  }
  return result.map(({ start, end }) => ({ start, end }));
}

/** Splits ranges into pieces of at most `size` bytes. */
export function pieces(ranges: readonly Bytes[], size: number): Bytes[] {
  return ranges.flatMap(({ start, end }) =>
    Array.from({ length: Math.ceil((end - start) / size) }, (_, index) => ({
      start: start + index * size,
      end: Math.min(end, start + (index + 1) * size),
    })),
  );
}
