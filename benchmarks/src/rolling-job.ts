import * as v from "valibot";

/** Who computes the windows: a roll-up of ours, tiles by hand, or each event joined with every bucket whose window it is in. */
const rollingSides = ["mlforge", "tiles", "buckets"] as const;

export type RollingSide = (typeof rollingSides)[number];

/**
 * The windows of a job. Tiles of `merged` and `lifetime` windows hold sums and counts, and a lifetime window never ends. Distinct values cannot be
 * merged from tiles, so `unmerged` windows read every event that they cover.
 */
export const rollingWindows = ["merged", "lifetime", "unmerged"] as const;

export type RollingWindows = (typeof rollingWindows)[number];

export const rollingJobSchema = v.object({
  side: v.picklist(rollingSides),
  windows: v.picklist(rollingWindows),
  source: v.string(),
  folder: v.string(),
});
