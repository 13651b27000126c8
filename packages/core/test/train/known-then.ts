/** What happened to an entity, in milliseconds since the Unix epoch. */
export interface Happening {
  readonly key: string;
  readonly at: number;
  readonly value: number | null;
}

/** When and about what something is to be predicted; nothing is known where either is null. */
export interface Moment {
  readonly key: string | null;
  readonly at: number | null;
  readonly exact: boolean;
}

/** The newest happening that is known then and not as old as `ttl`, found by looking at each. */
export function newestThen(happenings: readonly Happening[], moment: Moment, ttl: number): Happening | undefined {
  let newest: Happening | undefined;
  for (const one of happenings) if (isKnown(one.at, one.key, moment) && (newest === undefined || one.at > newest.at)) newest = one;
  return newest !== undefined && isFresh(newest.at, moment, ttl) ? newest : undefined;
}

/** Sum and count over the last `window` before the last multiple of `every`, found by looking at each happening; null where nothing is known. */
export function windowThen(
  happenings: readonly Happening[],
  moment: Moment,
  {
    every,
    window,
    windows,
    ttl,
  }: { readonly every: number; readonly window: number; readonly windows: readonly number[]; readonly ttl: number },
): { readonly sum: number | null; readonly count: number | null } {
  const nothing = { sum: null, count: null };
  let change: number | undefined;
  for (const { at, key } of happenings) {
    const entered = (Math.floor(at / every) + 1) * every;
    for (const changed of [entered, ...windows.map((length) => entered + length)])
      if (isKnown(changed, key, moment) && (change === undefined || changed > change)) change = changed;
  }
  if (change === undefined || !isFresh(change, moment, ttl)) return nothing;
  let sum: number | null = null;
  let count = 0;
  for (const { at, key, value } of happenings) {
    if (key !== moment.key || value === null || at < change - window || at >= change) continue;
    sum = (sum ?? 0) + value;
    count++;
  }
  return { sum, count };
}

function isKnown(at: number, key: string, moment: Moment): boolean {
  if (moment.at === null || key !== moment.key) return false;
  return moment.exact ? at <= moment.at : at < moment.at;
}

function isFresh(at: number, moment: Moment, ttl: number): boolean {
  return moment.at !== null && at > moment.at - ttl;
}
