import { diffArrays } from "diff";

/** A line of two texts that were compared: in both of them, or only in the new or the old one. */
export interface LineDiff {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** Texts with more differences than this share nothing that would help a reader. */
const maxEdits = 2_000;

/** The lines of both texts in their order, with what was removed before what was added in its place. */
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
