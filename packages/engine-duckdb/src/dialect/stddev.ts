import type { RollingOutput } from "@mlforge/spec";
import type { Partials } from "./partials.js";

/**
 * Computes the sample standard deviation of a frame.
 *
 * Count, mean, and sum of squared deviations of tiles are merged by the formula of Chan, Golub, and LeVeque (1979), which adds the squared distances of
 * the tiles' means to the mean of the frame. Frames slide, so they add powers of the distance to a pivot, the first mean of the key, from
 * which the others follow. If the pivot is so far away that the digits of the deviation are lost, {@link deviationRepair} adds the distances
 * themselves.
 */
export function deviation(output: RollingOutput, partials: Partials): string {
  const { count, least, greatest, odd, spread, between } = frameParts(output, partials);
  const squares = `(${spread} + coalesce(${repairName(output, partials)}.exact, ${between}))`;
  return `CASE WHEN ${count} < 2 THEN NULL WHEN ${odd} THEN CAST('NaN' AS DOUBLE) WHEN ${least} = ${greatest} THEN 0 ELSE sqrt(${squares} / (${count} - 1)) END`;
}

/** The maximum ratio of the squared distances to the pivot to the squared deviations: 40 of the 53 bits remain. */
const worstRatio = "1e4";

/** Returns a table of the frames whose digits are lost, with the exact sum of the squared distances, and its join to the frames `f`. */
export function deviationRepair(
  output: RollingOutput,
  partials: Partials,
  keys: readonly string[],
): { readonly table: string; readonly join: string } {
  const { count, least, greatest, odd, spread, between, distance, distance2, pivot } = frameParts(output, partials);
  const name = repairName(output, partials);
  const same = (side: string): string => keys.map((key) => `${side}.${key} IS NOT DISTINCT FROM f.${key} AND `).join("");
  const [tileCount, tileMean] = [`t.${partials.tile(output, "count")}`, `t.${partials.tile(output, "mean")}`];
  const columns = [...keys.map((key) => `f.${key}`), "f.b"].join(", ");
  const lost = `${count} > 1 AND NOT ${odd} AND ${least} < ${greatest} AND ${distance2} > ${worstRatio} * (${spread} + ${between})`;
  return {
    table: `${name} AS (
SELECT ${columns}, sum(${tileCount} * (${tileMean} - (${pivot} + ${distance} / ${count})) ** 2) AS exact
FROM framed AS f JOIN ${partials.tilesOf(output)} AS t ON ${same("t")}t.b > f.b - ${output.window} AND t.b <= f.b
WHERE ${lost}
GROUP BY ${columns}
)`,
    join: `LEFT JOIN ${name} ON ${same(name)}${name}.b = f.b`,
  };
}

interface FrameParts {
  readonly count: string;
  readonly least: string;
  readonly greatest: string;
  readonly odd: string;
  readonly spread: string;
  readonly distance: string;
  readonly distance2: string;
  readonly pivot: string;
  readonly between: string;
}

function frameParts(output: RollingOutput, partials: Partials): FrameParts {
  const part = (name: Parameters<Partials["frame"]>[1]): string => `f.${partials.frame(output, name)}`;
  const [count, distance, distance2] = [part("count"), part("distance"), part("distance2")];
  return {
    count,
    distance,
    distance2,
    least: part("least"),
    greatest: part("greatest"),
    odd: part("odd"),
    spread: part("spread"),
    pivot: `f.${partials.tile(output, "pivot")}`,
    between: `greatest(${distance2} - ${distance} ** 2 / ${count}, 0)`,
  };
}

function repairName(output: RollingOutput, partials: Partials): string {
  return `exact_${partials.frame(output, "spread")}`;
}
