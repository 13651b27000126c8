import { escapeControls, withoutCredentials } from "@mlforge/spec";
import type { UsageNote } from "./program.js";

/** Returns the text of usage errors. Escapes the arguments that they quote, and removes the credentials of URLs. */
export function usageText(notes: readonly UsageNote[]): string {
  return notes.map(({ text, quotesArguments }) => (quotesArguments ? escaped(text) : text)).join("");
}

/** Commander begins a suggestion on a line of its own. Any other line break comes from an argument. */
function escaped(text: string): string {
  const [message = "", ...suggestions] = text.trimEnd().split(/\n(?=\(Did you mean )/);
  return [message, ...suggestions].map((line) => `${escapeControls(withoutCredentials(line))}\n`).join("");
}
