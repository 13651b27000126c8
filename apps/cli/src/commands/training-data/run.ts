import { constants } from "node:fs";
import { access, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseLock, readLock, type TrainingData, type TrainingLock } from "@mlforge/core";
import { escapeControls, MlforgeError } from "@mlforge/spec";
import { newOwnedPath } from "@mlforge/spec/ownership";
import { describeColumn } from "../../describe.js";
import { calledPath, displayPath } from "../../display-path.js";
import { type ChosenOnCommandLine, parseChoice, splitReference } from "../../feature-choice.js";
import { labelsOf, labelTypesOf } from "../../label-flags.js";
import { formatCount, formatSeconds } from "../../quantity.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

export interface TrainingDataFlags {
  readonly labels?: readonly string[] | undefined;
  readonly labelTypes?: readonly string[] | undefined;
  readonly timestamp?: string | undefined;
  readonly features?: readonly string[] | undefined;
  readonly out: string;
  readonly lock?: string | undefined;
  readonly exactMatches: boolean;
  readonly withTimestamps?: boolean | undefined;
  readonly verify?: boolean | undefined;
}

/** Writes a training set. With `--lock`, makes the set that the lock file records, or writes that file if it does not exist. */
export async function trainingData(context: CommandContext, flags: TrainingDataFlags): Promise<0> {
  const { console, signal } = context;
  const started = performance.now();
  const lockPath = flags.lock === undefined ? undefined : calledPath(flags.lock);
  const lock = lockPath === undefined ? undefined : await readLock(lockPath);
  if (lockPath !== undefined && lock === undefined) await expectFolderFor(lockPath);
  const training = await chooseSet(context, flags, lock);
  const { rows, path } = await training.write(calledPath(flags.out), {
    signal,
    onProgress: ({ feature, fraction }) => {
      const what = feature === undefined ? "writing" : `joining ${feature}`;
      console.live(`${what}${fraction === undefined ? "" : ` ${Math.floor(fraction * 100)}%`}`);
    },
  });
  if (lockPath !== undefined && lock === undefined) await writeLock(lockPath, training.lock);
  console.print({
    document: {
      path,
      rows,
      columns: training.columns.map(describeColumn),
      features: training.lock.features.map(({ feature, version }) => ({ feature, version })),
      warnings: training.warnings,
      lock: lockPath ?? null,
    },
    text: () => {
      const table = renderTable(
        [{ title: "FEATURE" }, { title: "VERSION" }, { title: "COLUMNS" }],
        training.lock.features.map(({ feature, version, columns }) => [feature, version, columns.map(({ as }) => as).join(", ")]),
        console.width,
      );
      const done = `${formatCount(rows)} ${rows === 1 ? "row" : "rows"} in ${formatSeconds(performance.now() - started)}: ${displayPath(path)}`;
      return [table, ...lockLine(flags.lock, lock), done].join("\n\n");
    },
  });
  return 0;
}

function lockLine(path: string | undefined, lock: TrainingLock | undefined): readonly string[] {
  if (path === undefined) return [];
  return [
    lock === undefined ? `${path} records what this set was made from; use it again to get the same rows` : `made as recorded in ${path}`,
  ];
}

async function chooseSet(
  { definitions, console, signal }: CommandContext,
  flags: TrainingDataFlags,
  lock: TrainingLock | undefined,
): Promise<TrainingData> {
  const { timestamp, features, verify } = flags;
  const labels = flags.labels && labelsOf(flags.labels, definitions);
  const labelTypes = labelTypesOf(flags.labelTypes);
  const shared = {
    verify,
    signal,
    onWarning: (message: string) => console.note(`${console.colors.yellow("warning:")} ${escapeControls(message)}`),
  };
  const choose = (choices: readonly string[], pinned: readonly TrainingLock["features"][number][] = []): Promise<TrainingData> => {
    if (labels === undefined) throw usage("--labels", "labels are required, for example --labels labels.parquet");
    return definitions.getTrainingData({
      ...shared,
      labels,
      labelTypes,
      timestamp,
      features: choices.map((text) => pin(parseChoice(text), pinned)),
      allowExactMatches: flags.exactMatches,
      withTimestamps: flags.withTimestamps,
    });
  };
  if (lock !== undefined && features !== undefined && labels !== undefined) {
    const again = await choose(features, lock.features);
    const changed = differing(again.lock, lock);
    if (changed.length === 0) return again;
    const advice = "drop --features to make the set that it records, or remove the lock file to choose again";
    throw usage("--lock", `${flags.lock} records another set than these options choose (${changed.join(", ")} differ); ${advice}`);
  }
  if (lock !== undefined) {
    if (labelTypes !== undefined)
      throw usage("--label-types", `${flags.lock} already fixes the labels; drop --label-types, or remove the lock file to choose again`);
    if (flags.withTimestamps === true)
      throw usage(
        "--with-timestamps",
        `${flags.lock} already fixes the columns; drop --with-timestamps, or remove the lock file to choose again`,
      );
    if (features !== undefined || timestamp !== undefined) {
      const given = features === undefined ? "--timestamp" : "--features";
      throw usage(
        given,
        `${flags.lock} already fixes the features and the timestamp; drop ${given}, or remove the lock file to choose again`,
      );
    }
    return definitions.getTrainingData({ ...shared, lock, labels });
  }
  if (features === undefined) throw usage("--features", "features are required, for example --features airport_delay,route_delay@^1.0");
  return choose(features);
}

/** Returns a choice of the latest version as a choice of the version in a lock. */
function pin(choice: ChosenOnCommandLine, locked: readonly TrainingLock["features"][number][]): ChosenOnCommandLine {
  const parts = typeof choice === "string" ? splitReference(choice) : choice;
  const version = parts.version ?? locked.find(({ feature }) => feature === parts.feature)?.version;
  return version === undefined ? choice : { ...parts, version };
}

/** Returns what two locks differ in. Both are compared as the JSON that they are written as. */
function differing(a: TrainingLock, b: TrainingLock): readonly string[] {
  const parts = (lock: TrainingLock): readonly (readonly [string, string])[] => [
    ["the features", JSON.stringify(lock.features)],
    ["the labels", JSON.stringify(lock.labels)],
    ["the timestamps", JSON.stringify(lock.timestamp)],
    ["--no-exact-matches", JSON.stringify(lock.allow_exact_matches)],
  ];
  const others = new Map(parts(parseLock(JSON.parse(JSON.stringify(b)))));
  return parts(parseLock(JSON.parse(JSON.stringify(a)))).flatMap(([what, text]) => (others.get(what) === text ? [] : [what]));
}

function usage(argument: string, message: string): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError("USAGE_INVALID", message, { argument });
}

/** Checks that a lock file can be written, before anything is computed. @throws USAGE_INVALID */
async function expectFolderFor(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    // The slash makes a file in place of the folder an error.
    await access(`${folder}/`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const message = `the lock file cannot be written to the folder "${folder}": ${cause.message}; create the folder, or choose another one`;
    throw new MlforgeError("USAGE_INVALID", message, { argument: "--lock" }, { cause });
  }
}

async function writeLock(path: string, lock: TrainingLock): Promise<void> {
  const partial = await newOwnedPath(dirname(path), ".mlforge-lock-", ".partial");
  try {
    // In a shared folder, the name must not lead to somebody else's file.
    await writeFile(partial, `${JSON.stringify(lock, undefined, 2)}\n`, { flag: "wx" });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}
