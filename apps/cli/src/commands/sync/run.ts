import type { BuiltFeature, MissingVersion, SyncedFeature, SyncResult } from "@mlforge/core";
import type { Console } from "../../console.js";
import { pathOf } from "../../display-path.js";
import { openProgress } from "../../progress.js";
import { formatBytes, formatCount, formatSeconds } from "../../quantity.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

export interface SyncFlags {
  readonly features?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly verify?: boolean | undefined;
  readonly concurrency?: number | undefined;
}

/** Rebuilds missing data. Returns 1 if some data cannot be rebuilt exactly as published, also with `--dry-run`. */
export async function sync({ definitions, console, signal }: CommandContext, flags: SyncFlags): Promise<0 | 1> {
  const started = performance.now();
  const { step, finish } = openProgress(console, definitions.select(flags).length);
  const result = await definitions.sync({ ...flags, signal, onProgress: step, onFeature: finish });
  console.print({
    document: toDocument(result),
    text: () => toText(result, flags.dryRun === true, performance.now() - started, console),
  });
  return result.failed.length === 0 ? 0 : 1;
}

function toDocument({ synced, missing, present, unbuilt, published, failed }: SyncResult): object {
  return {
    synced,
    missing,
    present,
    unbuilt,
    published: published.map(({ feature, version, change, reason, rows, bytes, url }) => {
      return { feature, version, change, reason, rows, bytes, path: pathOf(url) };
    }),
    failed: failed.map(({ feature, error: { code, message } }) => ({ feature, error: { code, message } })),
  };
}

function toText(result: SyncResult, isDry: boolean, milliseconds: number, { width }: Console): string {
  const { synced, missing, present, unbuilt, published, failed } = result;
  const rows = [
    ...synced.map((each) => row(each, "rebuilt")),
    ...missing.map((each) => row(each, "missing")),
    ...published.map((each) => row(each, "new version")),
    ...failed.map(({ feature, error }) => [feature, "", "failed", "", "", error.code]),
    ...present.map(({ feature, version }) => [feature, version, "present", "", "", ""]),
    ...unbuilt.map((feature) => [feature, "", "never built", "", "", ""]),
  ];
  const table = renderTable(
    [
      { title: "FEATURE" },
      { title: "VERSION" },
      { title: "DATA" },
      { title: "ROWS", align: "right" },
      { title: "SIZE", align: "right" },
      { title: "WHY" },
    ],
    rows,
    width,
  );
  const done = isDry ? `${missing.length} to rebuild` : `${synced.length} rebuilt, ${published.length} published as new versions`;
  const summary = `${done}, ${present.length} present, ${failed.length} failed in ${formatSeconds(milliseconds)}`;
  return [table, isDry && missing.length > 0 ? `${summary}; run mlforge sync to rebuild them` : summary].join("\n\n");
}

function row({ feature, version, rows, bytes }: SyncedFeature | MissingVersion | BuiltFeature, what: string): string[] {
  return [feature, version, what, formatCount(rows), formatBytes(bytes), ""];
}
