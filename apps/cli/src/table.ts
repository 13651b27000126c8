import { escapeControls } from "@mlforge/spec";
import stringWidth from "string-width";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right" | undefined;
  /** Wraps wide cells onto the next line instead of cutting them. */
  readonly wrap?: boolean | undefined;
  /** Styles a cell without changing its width. Does not apply to the title. */
  readonly style?: ((cell: string) => string) | undefined;
}

const gap = 2;
/** The narrowest useful column. If columns this narrow do not fit, the table omits the last ones. */
const leastWidth = 8;

const graphemes = new Intl.Segmenter();

/**
 * Formats titles and aligned rows, with no line wider than `width`.
 *
 * Cuts the widest columns with an ellipsis, or wraps them. The first column, which names the row, is cut last. If that is not enough,
 * omits the last columns and names them below. Escapes control characters, so that no value can move the cursor.
 */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): string {
  const lines = [columns.map((column) => column.title), ...rows].map((cells) => cells.map(escapeControls));
  const natural = columns.map((_, index) => Math.max(1, ...lines.map((cells) => stringWidth(cells[index] ?? ""))));
  const widths = fitWidths(natural, width);
  const drawn = lines.flatMap((cells, row) => {
    const parts = widths.map((columnWidth, index) => {
      const cell = cells[index] ?? "";
      return columns[index]?.wrap === true ? wrap(cell, columnWidth) : [cut(cell, columnWidth)];
    });
    return Array.from({ length: Math.max(...parts.map((part) => part.length)) }, (_, line) =>
      widths
        .map((columnWidth, index) => {
          const { align, style } = columns[index] ?? {};
          const part = parts[index]?.[line] ?? "";
          return pad(row === 0 || part === "" || style === undefined ? part : style(part), columnWidth, align);
        })
        .join(" ".repeat(gap))
        .trimEnd(),
    );
  });
  const left = columns.slice(widths.length).map((column) => escapeControls(column.title));
  if (left.length > 0) drawn.push(cut(`not shown (use --json): ${left.join(", ")}`, width));
  return drawn.join("\n");
}

/** Returns widths that fit, for as many columns as possible. */
function fitWidths(natural: readonly number[], width: number): number[] {
  const least = natural.map((columnWidth) => Math.min(columnWidth, leastWidth));
  let count = natural.length;
  while (count > 1 && total(least.slice(0, count)) > width) count--;
  const widths = natural.slice(0, count).map((columnWidth) => Math.min(columnWidth, width));
  for (let excess = total(widths) - width; excess > 0; excess--) {
    const widest = Math.max(leastWidth, ...widths.slice(1));
    const index = widest > leastWidth ? widths.lastIndexOf(widest) : 0;
    widths[index] = (widths[index] ?? 0) - 1;
  }
  return widths;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, columnWidth) => sum + columnWidth + gap, -gap);
}

function pad(text: string, width: number, align: TableColumn["align"]): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)));
  return align === "right" ? space + text : text + space;
}

/** Cuts a text to a width, with an ellipsis if it does not fit. */
function cut(text: string, width: number): string {
  return stringWidth(text) <= width ? text : `${fitting(text, width - 1)}…`;
}

/** Splits a text into lines of a width, between words if possible. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (stringWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    for (let part = fitting(line, width); stringWidth(line) > width && part !== ""; part = fitting(line, width)) {
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  return [...lines, line];
}

/** Returns the start of a text that fits a width. Does not split grapheme clusters. */
function fitting(text: string, width: number): string {
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(kept + segment) > width) break;
    kept += segment;
  }
  return kept;
}
