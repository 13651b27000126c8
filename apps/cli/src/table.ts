import Table from "cli-table3";
import stringWidth from "string-width";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right" | undefined;
}

const gap = 2;
/** Narrower than this a column says nothing; a table too wide for its columns leaves out the last ones. */
const leastWidth = 8;

/**
 * A head and aligned rows, no line wider than `width`.
 *
 * The widest columns are cut with an ellipsis, the first one, which names the row, last; where that is not enough, the last columns
 * are left out and named below.
 * Control characters are shown as escapes, so that no value can move the cursor.
 */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): string {
  const lines = [columns.map((column) => column.title), ...rows].map((cells) => cells.map(escapeControls));
  const widths = fitWidths(
    columns.map((_, index) => Math.max(1, ...lines.map((cells) => stringWidth(cells[index] ?? "")))),
    width,
  );
  const shown = lines.map((cells) => cells.slice(0, widths.length));
  const drawn = draw(
    shown,
    widths,
    columns.map(({ align }) => align ?? "left"),
  );
  const left = columns.slice(widths.length).map((column) => escapeControls(column.title));
  return left.length === 0 ? drawn : `${drawn}\n${draw([[`not shown, but in --json: ${left.join(", ")}`]], [width], ["left"])}`;
}

function draw(lines: readonly (readonly string[])[], widths: readonly number[], colAligns: ("left" | "right")[]): string {
  const table = new Table({
    chars: borderless,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": gap },
    colWidths: widths.map((width) => width + gap),
    colAligns,
  });
  table.push(...lines.map((cells) => [...cells]));
  return table.toString().replace(/ +$/gm, "");
}

/** Widths that fit, for as many of the columns as have room. */
function fitWidths(natural: readonly number[], width: number): number[] {
  const least = natural.map((columnWidth) => Math.min(columnWidth, leastWidth));
  let count = natural.length;
  while (count > 1 && total(least.slice(0, count)) > width) count--;
  const widths = natural.slice(0, count);
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

function escapeControls(text: string): string {
  return text.replace(/\p{Control}/gu, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

const borderless = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};
