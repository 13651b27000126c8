import type { Leftover } from "@mlforge/spec";

/** A leftover of a killed process. */
export interface PrunedLeftover extends Pick<Leftover, "kind" | "location"> {
  /** False with `dryRun`, and if it could not be removed. */
  readonly removed: boolean;
}

/** Removes leftovers. One that cannot be removed does not stop the others. */
export async function pruneLeftovers(
  leftovers: readonly Leftover[],
  dryRun: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly PrunedLeftover[]> {
  const pruned: PrunedLeftover[] = [];
  for (const { kind, location, remove } of leftovers)
    pruned.push({ kind, location, removed: !dryRun && (await isRemoved(remove, signal)) });
  return pruned;
}

async function isRemoved(remove: Leftover["remove"], signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await remove({ signal });
    return true;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
