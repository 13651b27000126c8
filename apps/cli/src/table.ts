import { escapeControls } from "@mlforge/spec";
import { cut, displayWidth, wrap } from "./display-width.js";

export interface TableColumn {
  readonly title: string;
  /** Numbers are on the right, and are never cut: a part of a number looks like another number. */
  readonly align?: "left" | "right" | undefined;
  /** Wraps wide cells onto the next line instead of cutting them. */
  readonly wrap?: boolean | undefined;
  /** Never cuts cells. */
  readonly whole?: boolean | undefined;
  /** Styles a cell without changing its width. Does not apply to the title. */
  readonly style?: ((cell: string) => string) | undefined;
}

const gap = 2;
/** The narrowest useful width of cells that are cut or wrapped. */
const leastWidth = 16;
/** The least room for values beside their titles. If less is left, they begin below. */
const leastValueWidth = 20;
/** The most lines of a value below its title. */
const mostLines = 4;

/**
 * Formats titles and aligned rows, with no line wider than `width`. Escapes control characters, so that no value can move the cursor.
 *
 * Cuts the widest columns with an ellipsis, or wraps them. Never cuts titles or the first column, which names the row. If the rest does
 * not fit, shows the columns of each row below each other.
 */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): string {
  const titles = columns.map(({ title }) => escapeControls(title));
  const cells = rows.map((row) => columns.map((_, index) => escapeControls(row[index] ?? "")));
  const widths = fitWidths(columns, titles, cells, width);
  return widths === undefined ? records(columns, titles, cells, width) : aligned(columns, [titles, ...cells], widths);
}

function aligned(columns: readonly TableColumn[], lines: readonly (readonly string[])[], widths: readonly number[]): string {
  const drawn = lines.flatMap((cells, row) => {
    const parts = widths.map((width, index) => (columns[index]?.wrap === true ? wrap : cutToLine)(cells[index] ?? "", width));
    return Array.from({ length: Math.max(...parts.map((part) => part.length)) }, (_, line) =>
      widths
        .map((width, index) => {
          const { align, style } = columns[index] ?? {};
          const part = parts[index]?.[line] ?? "";
          const space = " ".repeat(Math.max(0, width - displayWidth(part)));
          const shown = row === 0 || part === "" || style === undefined ? part : style(part);
          return align === "right" ? space + shown : shown + space;
        })
        .join(" ".repeat(gap))
        .trimEnd(),
    );
  });
  return drawn.join("\n");
}

/** Formats one `title  value` per line, with a line above each row. Wraps what is wider, and cuts only values that need many lines. */
function records(columns: readonly TableColumn[], titles: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const longest = Math.max(...titles.map((title) => displayWidth(title, width)));
  const isBeside = width - longest - gap >= leastValueWidth;
  const indent = " ".repeat(isBeside ? longest + gap : gap);
  const room = Math.max(1, width - indent.length);
  const blocks = rows.map((cells, row) => {
    const fields = columns.flatMap(({ style, align, whole, wrap: isText }, index) => {
      const [title = "", cell = ""] = [titles[index], cells[index]];
      const lines =
        index === 0 || whole === true || isText === true || align === "right" ? wrap(cell, room) : atMost(wrap(cell, room), room);
      const [first = "", ...others] = lines.map((line) => (style === undefined || line === "" ? line : style(line)));
      const head = isBeside ? [title + " ".repeat(indent.length - displayWidth(title)) + first] : [...wrap(title, width), indent + first];
      return [...head, ...others.map((line) => indent + line)].map((line) => line.trimEnd());
    });
    return [cut(`-- row ${row + 1} --`, width), ...fields].join("\n");
  });
  return blocks.length > 0 ? blocks.join("\n\n") : [...titles.flatMap((title) => wrap(title, width)), "(no rows)"].join("\n");
}

function atMost(lines: readonly string[], width: number): readonly string[] {
  if (lines.length <= mostLines) return lines;
  const end = lines.slice(mostLines - 1, mostLines + 1).join(" ");
  return [...lines.slice(0, mostLines - 1), cut(end, width)];
}

/** Returns the width of each column, or undefined if the columns do not fit beside each other. */
function fitWidths(
  columns: readonly TableColumn[],
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] | undefined {
  const widths = columns.map((_, index) => Math.max(1, ...[titles, ...rows].map((cells) => displayWidth(cells[index] ?? "", width + 1))));
  const least = columns.map(({ align, whole, wrap }, index) => {
    const natural = widths[index] ?? 0;
    const isWhole = wrap !== true && (index === 0 || align === "right" || whole === true);
    return isWhole ? natural : Math.min(natural, Math.max(leastWidth, displayWidth(titles[index] ?? "", width + 1)));
  });
  if (total(least) > width) return undefined;
  for (let excess = total(widths) - width; excess > 0; excess--) {
    const spare = widths.map((columnWidth, index) => (columnWidth > (least[index] ?? 0) ? columnWidth : 0));
    const index = spare.lastIndexOf(Math.max(...spare));
    widths[index] = (widths[index] ?? 0) - 1;
  }
  return widths;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, columnWidth) => sum + columnWidth + gap, -gap);
}

function cutToLine(cell: string, width: number): readonly string[] {
  return [cut(cell, width)];
}
