import type { LineDiff, VersionDifferences } from "@mlforge/core";
import { escapeControls } from "@mlforge/spec";

/** A line of a comparison: added, removed, changed, or unchanged context. */
export interface DifferenceLine {
  readonly kind: "added" | "removed" | "changed" | "same";
  readonly text: string;
}

/** Number of unchanged lines shown on each side of a change in logic. */
const contextLines = 2;

/** Formats the differences in columns, keys, and timestamp, one per line. Aligns names and escapes control characters. */
export function schemaLines({ columns, keys, timestamp }: VersionDifferences): readonly DifferenceLine[] {
  const { added, removed, retyped, nullable } = columns;
  const width = Math.max(0, ...[...added, ...removed, ...retyped, ...nullable].map(({ name }) => escapeControls(name).length));
  const column = (name: string, rest: string): string => `${escapeControls(name).padEnd(width)}  ${rest}`;
  return [
    ...removed.map(({ name, dtype }): DifferenceLine => ({ kind: "removed", text: column(name, dtype) })),
    ...added.map(({ name, dtype }): DifferenceLine => ({ kind: "added", text: column(name, dtype) })),
    ...retyped.map(({ name, from, to }): DifferenceLine => ({ kind: "changed", text: column(name, `${from} to ${to}`) })),
    ...nullable.map(
      ({ name, to }): DifferenceLine => ({ kind: "changed", text: column(name, to ? "can now be null" : "is now never null") }),
    ),
    ...(keys === undefined ? [] : [changed("keys", keys.from.join(", "), keys.to.join(", "))]),
    ...(timestamp === undefined ? [] : [changed("timestamp", timestamp.from ?? "none", timestamp.to ?? "none")]),
  ];
}

/** Formats the differences in tags, description, and validators, one per line. */
export function configurationLines({ tags, description, validators }: VersionDifferences): readonly DifferenceLine[] {
  const rule = (kind: DifferenceLine["kind"]) => (name: string) => ({ kind, text: `validator ${escapeControls(name)}` });
  return [
    ...(tags === undefined ? [] : [changed("tags", tags.from.join(", ") || "none", tags.to.join(", ") || "none")]),
    ...(description === undefined ? [] : [changed("description", quoted(description.from), quoted(description.to))]),
    ...validators.removed.map(rule("removed")),
    ...validators.added.map(rule("added")),
    ...validators.changed.map(rule("changed")),
  ];
}

/** Formats the changed lines of the logic with some context, and a line for each gap. Empty if nothing changed. */
export function logicLines({ logic = [] }: VersionDifferences): readonly DifferenceLine[] {
  const isNear = (index: number): boolean =>
    logic.slice(Math.max(0, index - contextLines), index + contextLines + 1).some(({ kind }) => kind !== "same");
  const shown = logic.map((_, index) => isNear(index));
  return logic.flatMap((line, index): readonly DifferenceLine[] => {
    if (shown[index] === true) return [escaped(line)];
    const beginsGap = shown[index - 1] === true && shown.indexOf(true, index) !== -1;
    return beginsGap ? [{ kind: "same", text: "..." }] : [];
  });
}

function escaped({ kind, text }: LineDiff): DifferenceLine {
  return { kind, text: escapeControls(text) };
}

function changed(what: string, from: string, to: string): DifferenceLine {
  return { kind: "changed", text: escapeControls(`${what}: ${from} to ${to}`) };
}

function quoted(text: string | undefined): string {
  return text === undefined ? "none" : JSON.stringify(text);
}
