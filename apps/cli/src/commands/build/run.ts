import type { BuildResult, BuiltFeature, BuiltPeriods } from "@mlforge/core";
import type { Console } from "../../console.js";
import { displayUrl, pathOf } from "../../display-path.js";
import { openProgress } from "../../progress.js";
import { formatBytes, formatCount, formatSeconds, quantityOf } from "../../quantity.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

export interface BuildFlags {
  readonly features?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly version?: string | undefined;
  readonly force?: boolean | undefined;
  readonly rehash?: boolean | undefined;
  readonly failFast?: boolean | undefined;
  readonly concurrency?: number | undefined;
}

export async function build({ definitions, console, signal }: CommandContext, flags: BuildFlags): Promise<0 | 1> {
  const started = performance.now();
  const { step, finish } = openProgress(console, definitions.select(flags).length);
  const result = await definitions.build({ ...flags, signal, onProgress: step, onFeature: finish });
  console.print({
    document: toDocument(result),
    text: () => toText(result, performance.now() - started, console),
  });
  return result.failed.length === 0 ? 0 : 1;
}

function toDocument({ built, skipped, failed, cancelled }: BuildResult): object {
  return {
    built: built.map(({ feature, version, change, reason, rows, bytes, periods, url, seconds, warnings, omitted, notices, volatile }) => {
      const path = pathOf(url);
      return {
        feature,
        version,
        change,
        reason,
        rows,
        bytes,
        periods: periodsDocument(periods),
        path,
        seconds,
        warnings,
        omitted,
        notices,
        volatile,
      };
    }),
    skipped: skipped.map(({ feature, version, reason, seconds }) => ({ feature, version, reason, seconds })),
    failed: failed.map(({ feature, error: { code, message } }) => ({ feature, error: { code, message } })),
    cancelled,
  };
}

/** Formats a row for each feature, the paths of built data, and a summary. Error messages go to stderr. */
function toText({ built, skipped, failed, cancelled }: BuildResult, milliseconds: number, { width }: Console): string {
  const rows = [
    ...built.map(builtRow),
    ...skipped.map(({ feature, version, reason }) => [feature, version, "none", "", "", "", reason]),
    ...failed.map(({ feature, error }) => [feature, "", "failed", "", "", "", error.code]),
    ...cancelled.map((feature) => [feature, "", "cancelled", "", "", "", "another feature failed"]),
  ];
  const table = renderTable(
    [
      { title: "FEATURE" },
      { title: "VERSION" },
      { title: "CHANGE" },
      { title: "ROWS", align: "right" },
      { title: "SIZE", align: "right" },
      { title: "TIME", align: "right" },
      { title: "WHY", wrap: true },
    ],
    rows,
    width,
  );
  const paths = built.map(({ url }) => displayUrl(url)).join("\n");
  const stopped = cancelled.length === 0 ? "" : `, ${cancelled.length} cancelled`;
  const summary = `${built.length} built, ${skipped.length} skipped, ${failed.length} failed${stopped} in ${formatSeconds(milliseconds)}`;
  return [table, paths, summary].filter((part) => part !== "").join("\n\n");
}

function periodsDocument(periods: BuiltPeriods | undefined): object | null {
  if (periods === undefined) return null;
  const { computed, kept, newBytes, whole } = periods;
  return { computed, kept, new_bytes: newBytes, whole: whole ?? null };
}

function builtRow({ feature, version, change, rows, bytes, periods, seconds, reason }: BuiltFeature): string[] {
  const spent = Object.values(seconds).reduce((sum, each) => sum + each, 0);
  return [
    feature,
    version,
    change,
    formatCount(rows),
    formatBytes(bytes),
    formatSeconds(spent * 1_000),
    `${reason}${periodsText(periods)}`,
  ];
}

function periodsText(periods: BuiltPeriods | undefined): string {
  if (periods === undefined) return "";
  const { computed, kept, newBytes } = periods;
  return `; ${computed} of ${quantityOf(computed + kept, "period")} computed, ${formatBytes(newBytes)} new`;
}
