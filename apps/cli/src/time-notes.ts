import type { PlannedFeature, TimelessStep } from "@mlforge/core";
import { escapeControls } from "./table.js";

/** What a definition states of time, and what mlforge could not check, a line each. The words of definitions are in them. */
export function timeNotes({ timeless, notices }: Pick<PlannedFeature, "timeless" | "notices">): readonly string[] {
  return [...timeless.map((step) => `timeless: ${timelessText(step)}`), ...notices.map((notice) => `warning: ${escapeControls(notice)}`)];
}

/** A step that a definition states to be independent of time, and why. */
export function timelessText({ step, reason }: TimelessStep): string {
  return escapeControls(`${step}, because ${reason}`);
}
