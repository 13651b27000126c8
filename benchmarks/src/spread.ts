import * as v from "valibot";

/** What several measurements of the same thing gave. */
export const spreadSchema = v.object({ median: v.number(), min: v.number(), max: v.number() });

export type Spread = v.InferOutput<typeof spreadSchema>;

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const last = sorted.length - 1;
  return { median: (at(Math.floor(last / 2)) + at(Math.ceil(last / 2))) / 2, min: at(0), max: at(last) };
}
