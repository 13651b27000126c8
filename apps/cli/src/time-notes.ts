import type { PlannedFeature, TimelessStep } from "@mlforge/core";
import { escapeControls } from "@mlforge/spec";

/** Formats the steps declared timeless and the warnings of a feature, one per line. Escapes control characters from definitions. */
export function timeNotes({ timeless, notices }: Pick<PlannedFeature, "timeless" | "notices">): readonly string[] {
  return [...timeless.map((step) => `timeless: ${timelessText(step)}`), ...notices.map((notice) => `warning: ${escapeControls(notice)}`)];
}

/** Formats a step that a definition declares independent of time, with its reason. */
export function timelessText({ step, reason }: TimelessStep): string {
  return escapeControls(`${step}, because ${reason}`);
}
