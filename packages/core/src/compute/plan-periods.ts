import type { Partition } from "../define/partition.js";
import type { InputFile, InputSource } from "../log/inputs.js";
import { daysRead } from "../periods/restrict.js";
import type { PreparedFeature } from "../resolve/prepare.js";
import type { BuildContext } from "../sources/context.js";
import type { SourceFile } from "../sources/source-files.js";
import { openTemporary } from "../sources/staging.js";
import type { EarlierVersion } from "./computed-feature.js";
import { decidePeriods, isTogether, type PeriodDecision, togetherNote } from "./decide-periods.js";
import { engineFor } from "./engine-for.js";
import { expectUpstreams } from "./expect-upstreams.js";
import { type TimedRows, whyWhole } from "./timed-rows.js";

/** The periods that a build would compute and keep. */
export interface PlannedPeriods {
  readonly partition: Partition;
  /** The periods to compute, in order, with the reason for each. Undefined if a plan cannot know them. */
  readonly computed: readonly { readonly period: string; readonly why: string }[] | undefined;
  /** The number of periods to copy from the latest version. Undefined if a plan cannot know it. */
  readonly kept: number | undefined;
  /** The size of the source files that the build reads, in bytes. Undefined if a plan cannot know it. */
  readonly bytes: number | undefined;
  /** The reason why a plan cannot list the periods, for example because a build always computes all rows. Undefined if it lists them. */
  readonly whole: string | undefined;
}

/** Returns the periods that a build would compute. Reads the used columns of source files that changed, and computes no rows. */
export async function planPeriods(
  partition: Partition,
  prepared: PreparedFeature,
  context: BuildContext,
  {
    earlier,
    hashes,
    signal,
  }: {
    readonly earlier: EarlierVersion | undefined;
    readonly hashes: ReadonlyMap<SourceFile, string>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PlannedPeriods> {
  const unknown = (whole: string, kept?: number): PlannedPeriods => ({ partition, computed: undefined, kept, bytes: undefined, whole });
  const whole = whyWhole(prepared.resolved) ?? whyUnknown(prepared);
  if (whole !== undefined) return unknown(whole);
  if (earlier === undefined) return unknown("the latest version has no periods that it can keep", 0);
  const engine = engineFor(context, prepared.resolved);
  await expectUpstreams(prepared, context, signal);
  await using folder = await openTemporary();
  try {
    const options = { folder: folder.path, earlier, hashes, signal };
    const { rows, decisions } = await decidePeriods(engine, partition, prepared, context, options);
    if (rows.whole !== undefined) return unknown(rows.whole);
    const fresh = decisions.filter(({ same }) => same === undefined);
    const read = new Set(fresh.flatMap(({ inputs }) => [...rows.reaches.keys()].flatMap((scan) => inputs.filesOf(scan)?.files ?? [])));
    return {
      partition,
      computed: fresh.map((each) => ({ period: each.inputs.period.name, why: whyComputed(each, rows, earlier) })),
      kept: decisions.length - fresh.length,
      bytes: [...read].reduce((sum, { size }) => sum + size, 0),
      whole: undefined,
    };
  } catch (error) {
    // The build tries it with all files together.
    if (!isTogether(error)) throw error;
    return unknown(togetherNote);
  }
}

function whyUnknown({ sources }: PreparedFeature): string | undefined {
  for (const { source, files, upstream } of sources.values()) {
    if (files.some(({ isQuery }) => isQuery === true)) return `source "${source}" is a query, and only a build reads its rows`;
    if (upstream !== undefined && upstream.metadata === undefined) return `feature "${source}" must be built first`;
  }
  return undefined;
}

/** The maximum number of files that a reason names. */
const maxNamed = 3;

function whyComputed({ inputs: { period, key } }: PeriodDecision, { days, reaches }: TimedRows, earlier: EarlierVersion): string {
  const before = earlier.metadata.periods?.find((each) => each.period === period.name);
  if (before === undefined) return "new";
  if (before.key === key) return "its file is missing";
  const causes = new Set<string>();
  for (const [scan, reach] of reaches) {
    const now = days.find(({ source, column }) => source === scan.source && column === reach?.column);
    if (reach === undefined || now === undefined) continue;
    const { first = Number.NEGATIVE_INFINITY, last } = daysRead(period, reach.read);
    const isNear = ({ days: each }: InputFile): boolean => each.some(([day]) => day !== null && day >= first && day <= last);
    for (const cause of changesBetween(earlier.inputs, now, isNear)) causes.add(cause);
  }
  if (causes.size === 0) return [...reaches.values()].includes(undefined) ? "a source without a timestamp changed" : "its inputs changed";
  const named = [...causes];
  return named.length > maxNamed ? `${named.slice(0, maxNamed).join(", ")} and ${named.length - maxNamed} more` : named.join(", ");
}

/** Returns a text for each file that is new, changed, or removed since the earlier build, if `isNear` accepts it. */
function changesBetween(recorded: readonly InputSource[], now: InputSource, isNear: (file: InputFile) => boolean): readonly string[] {
  const before = recorded.find(({ source, column }) => source === now.source && column === now.column)?.files ?? [];
  const [hashes, names] = [new Set(before.map(({ hash }) => hash)), new Set(before.map(({ name }) => name))];
  const present = new Set(now.files.map(({ hash }) => hash));
  const kept = new Set(now.files.map(({ name }) => name));
  return [
    ...now.files
      .filter((file) => !hashes.has(file.hash) && isNear(file))
      .map(({ name }) => (names.has(name) ? `changed file ${name}` : `new file ${name}`)),
    ...before.filter((file) => !present.has(file.hash) && !kept.has(file.name) && isNear(file)).map(({ name }) => `removed file ${name}`),
  ];
}
