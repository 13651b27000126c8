import type { BigIntStats } from "node:fs";

/**
 * Returns a text that changes whenever a local file changes.
 *
 * Programs can restore the size and the modification time of a file that they overwrite, but not the time of its last change, which the kernel sets.
 */
export function fileState({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ctimeNs}-${dev}-${ino}`;
}
