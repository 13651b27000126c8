import type { LineDiff, VersionDifferences } from "@mlforge/core";
import { escapeControls } from "./table.js";

/** A line for people: what is there now, what was there, what is another, or what stands around it. */
export interface DifferenceLine {
  readonly kind: "added" | "removed" | "changed" | "same";
  readonly text: string;
}

/** The lines of unchanged logic that are shown around changed ones. */
const contextLines = 2;

/** What differs in columns, keys and timestamp, a line each. Names are aligned; control characters are escapes. */
export function schemaLines({ columns, keys, timestamp }: VersionDifferences): readonly DifferenceLine[] {
  const { added, removed, retyped, nullable } = columns;
  const width = Math.max(0, ...[...added, ...removed, ...retyped, ...nullable].map(({ name }) => escapeControls(name).length));
  const column = (name: string, rest: string): string => `${escapeControls(name).padEnd(width)}  ${rest}`;
  return [
    ...removed.map(({ name, dtype }): DifferenceLine => ({ kind: "removed", text: column(name, dtype) })),
    ...added.map(({ name, dtype }): DifferenceLine => ({ kind: "added", text: column(name, dtype) })),
    ...retyped.map(({ name, from, to }): DifferenceLine => ({ kind: "changed", text: column(name, `${from} to ${to}`) })),
    ...nullable.map(
      ({ name, to }): DifferenceLine => ({ kind: "changed", text: column(name, to ? "may be null now" : "is never null now") }),
    ),
    ...(keys === undefined ? [] : [changed("keys", keys.from.join(", "), keys.to.join(", "))]),
    ...(timestamp === undefined ? [] : [changed("timestamp", timestamp.from ?? "none", timestamp.to ?? "none")]),
  ];
}

/** What differs in what only describes a version or guards it. */
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

/** The changed lines of the logic, with some around them; none where nothing changed. A gap is a line of its own. */
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
