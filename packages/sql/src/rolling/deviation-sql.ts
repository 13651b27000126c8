import type { Dialect } from "../dialect.js";
import type { Deviation, LoweredRolling } from "./lowered-rolling.js";

/** Prints a sample standard deviation over the merged parts of `f`. */
export function deviationSql(deviation: Deviation, dialect: Dialect): string {
  const { count, least, greatest, hasNonFinite, m2, between } = partsOf(deviation);
  const nonFinite = hasNonFinite === undefined ? "" : ` WHEN ${hasNonFinite} THEN ${dialect.literal("NaN", { kind: "float64" })}`;
  const squares = `(${m2} + coalesce(${deviation.exact}.exact, ${between}))`;
  return `CASE WHEN ${count} < 2 THEN NULL${nonFinite} WHEN ${least} = ${greatest} THEN 0 ELSE sqrt(${squares} / (${count} - 1)) END`;
}

/** The maximum ratio of the squared distances to the pivot to the squared deviations: 40 of the 53 bits remain. */
const worstRatio = "1e4";

/** Prints the rows of `framed` whose digits are lost, with the exact sum of the squared distances. */
export function exactTable(deviation: Deviation, { keys }: LoweredRolling, dialect: Dialect): string {
  const { count, least, greatest, hasNonFinite, m2, distance, squaredDistance, between } = partsOf(deviation);
  const columns = [...keys.map(({ name }) => `f.${name}`), "f.b"].join(", ");
  const mean = `(f.${deviation.pivot} + ${distance} / ${count})`;
  const finite = hasNonFinite === undefined ? "" : ` AND NOT ${hasNonFinite}`;
  const start = deviation.length === undefined ? "" : `t.b > f.b - ${dialect.literal(deviation.length, { kind: "int64" })} AND `;
  return `SELECT ${columns}, sum(t.${deviation.tile.count} * power(t.${deviation.tile.mean} - ${mean}, 2)) AS exact
FROM framed AS f JOIN ${deviation.tiles} AS t ON ${sameKeys("t", keys)}${start}t.b <= f.b
WHERE ${count} > 1${finite} AND ${least} < ${greatest} AND ${squaredDistance} > ${worstRatio} * (${m2} + ${between})
GROUP BY ${columns}`;
}

/** Prints the join of {@link exactTable} to the rows `f`. */
export function exactJoin({ exact }: Deviation, { keys }: LoweredRolling): string {
  return `LEFT JOIN ${exact} ON ${sameKeys(exact, keys)}${exact}.b = f.b`;
}

function sameKeys(side: string, keys: LoweredRolling["keys"]): string {
  return keys.map(({ name }) => `${side}.${name} IS NOT DISTINCT FROM f.${name} AND `).join("");
}

type MergedPart = "count" | "least" | "greatest" | "m2" | "distance" | "squaredDistance";

function partsOf(deviation: Deviation): Readonly<Record<MergedPart | "between", string>> & { readonly hasNonFinite: string | undefined } {
  const [count, distance, squaredDistance] = [`f.${deviation.count}`, `f.${deviation.distance}`, `f.${deviation.squaredDistance}`];
  return {
    count,
    distance,
    squaredDistance,
    least: `f.${deviation.least}`,
    greatest: `f.${deviation.greatest}`,
    m2: `f.${deviation.m2}`,
    hasNonFinite: deviation.hasNonFinite === undefined ? undefined : `f.${deviation.hasNonFinite}`,
    between: `greatest(${squaredDistance} - power(${distance}, 2) / ${count}, 0)`,
  };
}
