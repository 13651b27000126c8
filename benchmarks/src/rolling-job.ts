import * as v from "valibot";

/** Who computes the windows: a roll-up of ours, tiles by hand, or each event joined with every bucket whose window it is in. */
const rollingSides = ["mlforge", "tiles", "buckets"] as const;

export type RollingSide = (typeof rollingSides)[number];

export const rollingJobSchema = v.object({ side: v.picklist(rollingSides), source: v.string(), folder: v.string() });
