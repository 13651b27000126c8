import type { Store } from "@mlforge/spec";
import { type Move, readPointer } from "./pointer.js";

/** Which version of a feature is latest, and how it came to be. */
export interface FeatureHistory {
  readonly feature: string;
  /** Undefined where no version was made latest yet. */
  readonly latest: string | undefined;
  /** Whether builds publish without making their version latest. */
  readonly held: boolean;
  /** The numbers whose versions were removed, lowest first. */
  readonly pruned: readonly string[];
  /** The newest 1,000 moves, newest first. */
  readonly history: readonly Move[];
}

/** One request. @throws METADATA_INVALID */
export async function readHistory(store: Store, feature: string, signal?: AbortSignal): Promise<FeatureHistory> {
  const pointer = (await readPointer(store, feature, signal))?.value;
  return {
    feature,
    latest: pointer?.version,
    held: pointer?.held === true,
    pruned: pointer?.pruned ?? [],
    history: pointer?.history ?? [],
  };
}
