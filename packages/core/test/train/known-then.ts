/** What happened to an entity, in milliseconds since the Unix epoch. */
export interface Happening {
  readonly key: string;
  readonly at: number;
  readonly value: number | null;
}

/** When and about what something is to be predicted; nothing is known where either is null. */
export interface Timestamp {
  readonly key: string | null;
  readonly at: number | null;
  readonly exact: boolean;
}

/** The newest happening that is known then and not as old as `ttl`, found by looking at each. */
export function newestThen(happenings: readonly Happening[], timestamp: Timestamp, ttl: number): Happening | undefined {
  let newest: Happening | undefined;
  for (const one of happenings) if (isKnown(one.at, one.key, timestamp) && (newest === undefined || one.at > newest.at)) newest = one;
  return newest !== undefined && isFresh(newest.at, timestamp, ttl) ? newest : undefined;
}

/**
 * Sum and count over the last `window` before the last multiple of `every`, and when they became known, found by looking at each happening; null where
 * nothing is known.
 */
export function windowThen(
  happenings: readonly Happening[],
  timestamp: Timestamp,
  {
    every,
    window,
    windows,
    ttl,
  }: { readonly every: number; readonly window: number; readonly windows: readonly number[]; readonly ttl: number },
): { readonly sum: number | null; readonly count: number | null; readonly at: number | null } {
  const nothing = { sum: null, count: null, at: null };
  let change: number | undefined;
  for (const { at, key } of happenings) {
    const entered = (Math.floor(at / every) + 1) * every;
    for (const changed of [entered, ...windows.map((length) => entered + length)])
      if (isKnown(changed, key, timestamp) && (change === undefined || changed > change)) change = changed;
  }
  if (change === undefined || !isFresh(change, timestamp, ttl)) return nothing;
  let sum: number | null = null;
  let count = 0;
  for (const { at, key, value } of happenings) {
    if (key !== timestamp.key || value === null || at < change - window || at >= change) continue;
    sum = (sum ?? 0) + value;
    count++;
  }
  return { sum, count, at: change };
}

function isKnown(at: number, key: string, timestamp: Timestamp): boolean {
  if (timestamp.at === null || key !== timestamp.key) return false;
  return timestamp.exact ? at <= timestamp.at : at < timestamp.at;
}

function isFresh(at: number, timestamp: Timestamp, ttl: number): boolean {
  return timestamp.at !== null && at > timestamp.at - ttl;
}
