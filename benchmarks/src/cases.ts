import * as v from "valibot";

/** One question: a job over so many flights. */
export const caseSchema = v.object({
  job: v.picklist(["projection", "groupBy"]),
  rows: v.number(),
  /** What DuckDB may hold in memory, on both sides; its own default where absent. */
  memoryLimit: v.optional(v.string()),
});

export type Case = v.InferOutput<typeof caseSchema>;

/** Both jobs over each number of rows, then the projection of the most rows in little memory. */
export function casesOf(rowCounts: readonly number[]): readonly Case[] {
  const jobs = rowCounts.flatMap((rows): Case[] => [
    { job: "groupBy", rows },
    { job: "projection", rows },
  ]);
  return [...jobs, { job: "projection", rows: Math.max(...rowCounts), memoryLimit: "512MB" }];
}
