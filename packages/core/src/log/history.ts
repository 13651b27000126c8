import type { Store } from "@mlforge/spec";
import { type Move, readPointer } from "./pointer.js";

/** The latest version of a feature, and the moves that led to it. */
export interface FeatureHistory {
  readonly feature: string;
  /** Undefined if no version has become latest yet. */
  readonly latest: string | undefined;
  /** True if builds publish versions without making them latest. */
  readonly held: boolean;
  /** The numbers of pruned versions, lowest first. */
  readonly pruned: readonly string[];
  /** The newest 1,000 moves, newest first. */
  readonly history: readonly Move[];
}

/** Reads the history of a feature. Takes one request. @throws METADATA_INVALID */
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
