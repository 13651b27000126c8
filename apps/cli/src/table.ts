import stringWidth from "string-width";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right" | undefined;
  /** Whether a text that is too wide goes on in the next line instead of being cut. */
  readonly wrap?: boolean | undefined;
  /** Colours a cell, which keeps its width. The head is left as it is. */
  readonly style?: ((cell: string) => string) | undefined;
}

const gap = 2;
/** Narrower than this a column says nothing; a table too wide for its columns leaves out the last ones. */
const leastWidth = 8;

const graphemes = new Intl.Segmenter();
const unprintable = /[\p{Control}\p{Bidi_Control}\p{Surrogate}\p{Line_Separator}\p{Paragraph_Separator}]/gu;

/**
 * A head and aligned rows, no line wider than `width`.
 *
 * The widest columns are cut with an ellipsis or wrapped, the first one, which names the row, last; where that is not enough, the last
 * columns are left out and named below. Control characters are shown as escapes, so that no value can move the cursor.
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
  if (left.length > 0) drawn.push(cut(`not shown, but in --json: ${left.join(", ")}`, width));
  return drawn.join("\n");
}

/** Widths that fit, for as many of the columns as have room. */
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

/** What has room of a text, with an ellipsis where some has not. */
function cut(text: string, width: number): string {
  return stringWidth(text) <= width ? text : `${fitting(text, width - 1)}…`;
}

/** A text in lines that have room, broken between words where that is possible. */
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

/** As many of the characters that a reader sees as one as have room. */
function fitting(text: string, width: number): string {
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(kept + segment) > width) break;
    kept += segment;
  }
  return kept;
}

/** Shows what would move the cursor, end the line or turn the direction of text. */
export function escapeControls(text: string): string {
  return text.replace(unprintable, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}
