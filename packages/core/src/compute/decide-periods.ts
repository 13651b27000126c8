import { type Engine, isMlforgeError } from "@mlforge/spec";
import type { Partition } from "../define/partition.js";
import type { DataFile, MetadataPeriod, VersionMetadata } from "../log/metadata.js";
import { missingFiles } from "../log/missing-files.js";
import { type PeriodInputs, periodInputs } from "../periods/period-inputs.js";
import type { PreparedFeature } from "../resolve/prepare.js";
import type { BuildContext } from "../sources/context.js";
import type { SourceFile } from "../sources/source-files.js";
import type { EarlierVersion } from "./computed-feature.js";
import { type TimedRows, timedRows } from "./timed-rows.js";

/** A period that can have rows. It is computed if `same` is undefined. */
export interface PeriodDecision {
  readonly inputs: PeriodInputs;
  /** The period of an earlier version with the same inputs. */
  readonly same: Kept | undefined;
}

interface DecideOptions {
  /** A local folder for temporary files. */
  readonly folder: string;
  readonly earlier?: EarlierVersion | undefined;
  readonly hashes?: ReadonlyMap<SourceFile, string> | undefined;
  /** Why all rows must be computed before they are divided, if a first try has shown it. */
  readonly whole?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Decides which periods of a feature must be computed. Reads the used columns of the source files that no earlier build recorded. */
export async function decidePeriods(
  engine: Engine,
  partition: Partition,
  prepared: PreparedFeature,
  context: BuildContext,
  { folder, earlier, hashes, whole, signal }: DecideOptions,
): Promise<{ readonly rows: TimedRows; readonly decisions: readonly PeriodDecision[] }> {
  const hashOf = (file: SourceFile): string => file.sha256 ?? hashes?.get(file) ?? file.fingerprint ?? file.state;
  const rows = await timedRows(engine, prepared, context, { folder, whole, hashOf, recorded: earlier?.inputs ?? [], signal });
  const all = periodInputs(rows, partition, prepared.resolved.feature.name);
  const same = await keepable(all, earlier?.metadata, context, signal);
  return { rows, decisions: all.map((inputs) => ({ inputs, same: same.get(inputs.key) })) };
}

export const togetherNote = "its files can only be read together";

/** Returns true for an error that some files of a source give, although all of them together might give none. */
export function isTogether(error: unknown): boolean {
  return isMlforgeError(error, "TIMESTAMP_AMBIGUOUS", "SCHEMA_MISMATCH");
}

interface Kept {
  readonly period: MetadataPeriod;
  /** One file, or none for a period without rows. */
  readonly files: readonly DataFile[];
}

/** Returns the periods of an earlier version with the same inputs whose files exist, by key. */
async function keepable(
  inputs: readonly PeriodInputs[],
  metadata: VersionMetadata | undefined,
  { store }: BuildContext,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Kept>> {
  const keys = new Set(inputs.map(({ key }) => key));
  const found = (metadata?.periods ?? []).flatMap((period): readonly Kept[] => {
    if (!keys.has(period.key)) return [];
    return [{ period, files: metadata?.files.filter(({ path }) => path === period.path) ?? [] }];
  });
  if (metadata === undefined || found.length === 0) return new Map();
  const missing = new Set(await missingFiles(store, { ...metadata, files: found.flatMap(({ files }) => files) }, { signal }));
  return new Map(found.filter(({ files }) => !files.some((file) => missing.has(file))).map((each) => [each.period.key, each]));
}
