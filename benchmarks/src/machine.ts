import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import * as v from "valibot";

/** Where and on what something was measured. */
export const machineSchema = v.object({
  at: v.string(),
  processor: v.string(),
  cores: v.number(),
  memoryBytes: v.number(),
  system: v.string(),
  node: v.string(),
  commit: v.string(),
  /** Processes that ran or waited, on average in the minute before: other work on the machine. */
  load: v.number(),
});

export type Machine = v.InferOutput<typeof machineSchema>;

export function thisMachine(): Machine {
  const git = (...args: readonly string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", ":/packages", ":/apps", ":/benchmarks/src") !== "";
  return {
    at: new Date().toISOString(),
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    commit: `${git("rev-parse", "--short", "HEAD")}${changed ? " with changes" : ""}`,
    load: loadavg()[0] ?? 0,
  };
}
