import { diffArrays } from "diff";

/** A line of two compared texts: in both, only in the new one, or only in the old one. */
export interface LineDiff {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** Texts with more differences than this share nothing that helps a reader. */
const maxEdits = 2_000;

/** Returns the lines of both texts in order. Removed lines come before the lines added in their place. */
export function diffLines(from: readonly string[], to: readonly string[]): readonly LineDiff[] {
  const parts = diffArrays([...from], [...to], { maxEditLength: maxEdits });
  const changes = parts ?? [
    { added: false, removed: true, value: from },
    { added: true, removed: false, value: to },
  ];
  return changes.flatMap(({ added, removed, value }) =>
    value.map((text): LineDiff => ({ kind: added ? "added" : removed ? "removed" : "same", text })),
  );
}
