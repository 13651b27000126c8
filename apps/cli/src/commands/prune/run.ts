import { type Definitions, findLocks, type KeepReason, type RemovalReason } from "@mlforge/core";
import type { Console } from "../../console.js";
import { calledPath, displayPath } from "../../display-path.js";
import { formatBytes, formatCount } from "../../quantity.js";
import { errorLine } from "../../report-error.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

export interface PruneFlags {
  readonly keep: number;
  readonly olderThan: string;
  readonly features?: readonly string[] | undefined;
  readonly pin?: readonly string[] | undefined;
  readonly lock?: readonly string[] | undefined;
  readonly yes?: boolean | undefined;
}

type PruneResult = Awaited<ReturnType<Definitions["store"]["prune"]>>;

/** Shows which versions are no longer needed, and removes them with `--yes`. Keeps versions that lock files of the project name. */
export async function prune({ definitions, console, signal }: CommandContext, flags: PruneFlags): Promise<0 | 1> {
  const { keep, olderThan, features, pin: pinned, yes } = flags;
  const locks = [...new Set([...(flags.lock ?? []).map(calledPath), ...(await findLocks(process.cwd(), { signal }))])];
  const result = await definitions.store.prune({
    keep,
    olderThan,
    features,
    pinned,
    locks,
    outputFolders: [process.cwd()],
    dryRun: yes !== true,
    signal,
    onProgress: ({ feature, done, count }) => console.live(`${done} of ${count}: ${feature}`),
  });
  for (const { feature, error } of result.failed) console.note(errorLine(error, console, feature));
  console.print({ document: toDocument(result, locks, flags), text: () => toText(result, locks, flags, console) });
  return result.failed.length === 0 ? 0 : 1;
}

function toDocument(
  { dryRun, features, failed, leftovers }: PruneResult,
  locks: readonly string[],
  { keep, olderThan }: PruneFlags,
): object {
  return {
    dry_run: dryRun,
    keep,
    older_than: olderThan,
    locks,
    features: features.map(({ feature, latest, removed, kept }) => ({ feature, latest: latest ?? null, removed, kept })),
    failed: failed.map(({ feature, error: { code, message } }) => ({ feature, error: { code, message } })),
    leftovers,
  };
}

function toText(result: PruneResult, locks: readonly string[], flags: PruneFlags, { width }: Console): string {
  const { dryRun, features } = result;
  const rows = features.flatMap(({ feature, removed, kept }) => [
    ...removed.map(({ version, because, bytes }) => [
      feature,
      version,
      dryRun ? "would be removed" : "removed",
      formatBytes(bytes),
      whyRemoved(because, flags),
    ]),
    ...kept.map(({ version, because }) => [feature, version, "kept", "", because.map((reason) => whyKept(reason, flags)).join(", ")]),
  ]);
  const columns = [
    { title: "FEATURE" },
    { title: "VERSION" },
    { title: "WHAT" },
    { title: "SIZE", align: "right" },
    { title: "WHY", wrap: true },
  ] as const;
  const alone = features.filter(({ latest }) => latest === undefined).map(({ feature }) => feature);
  const notes = [
    ...(alone.length === 0 ? [] : [`not pruned because they have no latest version: ${alone.join(", ")}`]),
    ...(locks.length === 0 ? [] : [`lock files: ${locks.map(displayPath).join(", ")}`]),
  ].join("\n");
  const tables = [rows.length === 0 ? "" : renderTable(columns, rows, width), leftoversText(result, width)];
  return [...tables, notes, summary(result)].filter((part) => part !== "").join("\n\n");
}

/** Lists the leftovers of killed processes. */
function leftoversText({ dryRun, leftovers }: PruneResult, width: number): string {
  if (leftovers.length === 0) return "";
  const columns = [{ title: "LEFTOVER", wrap: true }, { title: "KIND" }, { title: "WHAT" }] as const;
  const rows = leftovers.map(({ kind, location, removed }) => [
    displayPath(location),
    kind,
    removed ? "removed" : dryRun ? "would be removed" : "could not be removed",
  ]);
  return renderTable(columns, rows, width);
}

function summary({ dryRun, features, leftovers }: PruneResult): string {
  const removed = features.flatMap((feature) => feature.removed);
  const left = leftovers.filter((leftover) => dryRun || leftover.removed).length;
  if (removed.length === 0 && left === 0) return "nothing to remove";
  const bytes = formatBytes(removed.reduce((sum, removal) => sum + removal.bytes, 0));
  const what = [
    ...(removed.length === 0 ? [] : [`${formatCount(removed.length)} ${removed.length === 1 ? "version" : "versions"}, ${bytes}`]),
    ...(left === 0 ? [] : [`${formatCount(left)} ${left === 1 ? "leftover" : "leftovers"} of killed processes`]),
  ].join(", and ");
  return dryRun ? `${what} would be removed; run again with --yes to remove` : `${what} removed`;
}

function whyRemoved(because: RemovalReason, { keep, olderThan }: PruneFlags): string {
  switch (because) {
    case "old":
      return `not among the newest ${keep}, older than ${olderThan}`;
    case "abandoned":
      return "left by a build that died";
    case "unfinished":
      return "left by an earlier prune";
  }
}

function whyKept(because: KeepReason, { keep, olderThan }: PruneFlags): string {
  switch (because) {
    case "latest":
      return "latest";
    case "newest":
      return `among the newest ${keep}`;
    case "recent":
      return `not older than ${olderThan}`;
    case "pinned":
      return "pinned";
    case "locked":
      return "named by a lock file";
    case "unreadable":
      return "its metadata cannot be read";
  }
}
