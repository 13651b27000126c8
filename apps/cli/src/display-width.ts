import stringWidth from "string-width";

const segmenter = new Intl.Segmenter();
/** The most code units to segment at a time. The time that V8 takes grows with the square. */
const pieceLength = 256;

/** Returns the number of columns that a terminal gives a text, or `limit` if it is more. Reads no further than `limit`. */
export function displayWidth(text: string, limit: number = Number.POSITIVE_INFINITY): number {
  if (isAscii(text)) return Math.min(text.length, limit);
  let width = 0;
  for (const segment of graphemes(text)) {
    width += widthOf(segment);
    if (width >= limit) return limit;
  }
  return width;
}

/** Cuts a text to a width, with an ellipsis if it does not fit. Does not split grapheme clusters. */
export function cut(text: string, width: number): string {
  return displayWidth(text, width + 1) <= width ? text : `${fitting(text, width - 1)}…`;
}

/** Splits a text into lines of a width, between words if possible. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ")) {
    const space = line === "" ? "" : " ";
    const needed = displayWidth(word, width + 1);
    if (used + space.length + needed <= width) {
      line += space + word;
      used += space.length + needed;
      continue;
    }
    if (line !== "") lines.push(line);
    const parts = needed <= width ? [word] : split(word, width);
    line = parts.pop() ?? "";
    used = displayWidth(line);
    lines.push(...parts);
  }
  return [...lines, line];
}

/** Splits a word into parts of a width. */
function split(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = "";
  let used = 0;
  for (const segment of graphemes(word)) {
    const needed = widthOf(segment);
    if (used + needed > width && part !== "") {
      parts.push(part);
      part = "";
      used = 0;
    }
    part += segment;
    used += needed;
  }
  return [...parts, part];
}

/** Returns the start of a text that fits a width. */
function fitting(text: string, width: number): string {
  let kept = "";
  let used = 0;
  for (const segment of graphemes(text)) {
    used += widthOf(segment);
    if (used > width) break;
    kept += segment;
  }
  return kept;
}

/** Measuring takes far longer than looking up, and texts repeat their clusters. */
const known = new Map<string, number>();

function widthOf(cluster: string): number {
  const found = known.get(cluster);
  if (found !== undefined) return found;
  const width = stringWidth(cluster);
  if (known.size < 10_000) known.set(cluster, width);
  return width;
}

/** Returns the grapheme clusters of a text. Splits those that have more code units than a piece. */
function* graphemes(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const found = Array.from(segmenter.segment(text.slice(at, at + pieceLength)), ({ segment }) => segment);
    // The last one can go on in the next piece.
    if (at + pieceLength < text.length && found.length > 1) found.pop();
    yield* found;
    at += found.reduce((length, segment) => length + segment.length, 0);
  }
}

/** True for printable characters that have one column each. */
function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
