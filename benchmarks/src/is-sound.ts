import type { Definitions } from "@mlforge/core";

/** Returns whether a store that an earlier run left can still be read: its versions may be older than the format of their documents. */
export async function isSound(definitions: Definitions): Promise<boolean> {
  const { versions, problems } = await definitions.store.verify({ quick: true });
  return versions > 0 && problems.length === 0;
}
