import { escapeControls } from "@mlforge/spec";

/** Formats a text as inline code, so that nothing in it is markup, a mention, or a reference. Use `cell` inside a table. */
export function inlineCode(text: string, where: "text" | "cell" = "text"): string {
  const safe = escapeControls(text);
  if (safe.trim() === "") return "`\u00a0`";
  const ticks = "`".repeat(longestTicks(safe) + 1);
  const padded = /^[` ]|[` ]$/.test(safe) ? ` ${safe} ` : safe;
  const code = `${ticks}${padded}${ticks}`;
  return where === "cell" ? code.replaceAll("|", "\\|") : code;
}

/** Formats a text as it is if nothing in it can be markup, otherwise as inline code. */
export function inertText(text: string, where: "text" | "cell" = "text"): string {
  return /^[A-Za-z ,;()]*$/.test(text) ? text : inlineCode(text, where);
}

/** Formats lines as a code block. */
export function codeBlock(lines: readonly string[], language = ""): string {
  const safe = lines.map(escapeControls);
  const fence = "`".repeat(Math.max(3, ...safe.map((line) => longestTicks(line) + 1)));
  return [`${fence}${language}`, ...safe, fence].join("\n");
}

/** Formats a table. The cells must already be Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function longestTicks(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}
