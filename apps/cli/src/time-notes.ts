import type { PlannedFeature, TimelessStep } from "@mlforge/core";
import { escapeControls } from "@mlforge/spec";

/** Formats what a definition declares about its rows, and the warnings of a feature, one per line. Escapes control characters from definitions. */
export function timeNotes({ timeless, volatile, notices }: Pick<PlannedFeature, "timeless" | "volatile" | "notices">): readonly string[] {
  return [
    ...timeless.map((step) => `timeless: ${timelessText(step)}`),
    ...(volatile ? [`volatile: ${volatileText}`] : []),
    ...notices.map((notice) => `warning: ${escapeControls(notice)}`),
  ];
}

/** Explains `volatile: true`. */
export const volatileText = "equal inputs can give other rows; only --force builds it again when nothing else changed";

/** Formats a step that a definition declares independent of time, with its reason. */
export function timelessText({ step, reason }: TimelessStep): string {
  return escapeControls(`${step}, because ${reason}`);
}
