/** A share of 0 would make the index infinite, so an empty bin counts as if it had this share. */
const leastShare = 0.0001;

/**
 * Returns the population stability index of two distributions over the same bins: the sum over bins of `(q - p) * ln(q / p)`, where `p` and `q` are
 * the shares of the rows in a bin before and after. 0 if both are equal; there is no upper limit.
 *
 * Below 0.1 a distribution is commonly called stable, above 0.25 it has shifted. It is the divergence of Jeffreys (1946), used for scorecards by
 * Lewis, An Introduction to Credit Scoring (1992) and Siddiqi, Credit Risk Scorecards (2006), who give these limits.
 *
 * @param from the number of rows in each bin
 * @returns undefined if one of them has no rows
 */
export function stabilityIndex(from: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>): number | undefined {
  const total = (counts: ReadonlyMap<number, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
  const [before, after] = [total(from), total(to)];
  if (before === 0 || after === 0) return undefined;
  return [...new Set([...from.keys(), ...to.keys()])].reduce((sum, bin) => {
    const p = Math.max((from.get(bin) ?? 0) / before, leastShare);
    const q = Math.max((to.get(bin) ?? 0) / after, leastShare);
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}
