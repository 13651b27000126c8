import { randomUUID } from "node:crypto";
import pc from "picocolors";
import { escapeControls } from "./table.js";

/** The styles of this program. */
export type Colors = Readonly<Record<"red" | "yellow" | "green" | "bold" | "dim", (text: string) => string>>;

/**
 * Begins every style of this program in a text, so that {@link terminalText} can tell it from a style that a file or a name contains.
 * The whole sequence has no width, like the style itself.
 */
const begin = `\x1b]${randomUUID()};`;
const end = "\x07";

/** Returns styles for texts that go through {@link terminalText}. */
export function createColors(isColorful: boolean): Colors {
  const { red, yellow, green, bold, dim } = pc.createColors(isColorful);
  return { red: marked(red), yellow: marked(yellow), green: marked(green), bold: marked(bold), dim: marked(dim) };
}

function marked(style: (text: string) => string): (text: string) => string {
  const [before = "", after = ""] = style("\n")
    .split("\n")
    .map((code) => (code === "" ? "" : `${begin}${code.slice("\x1b[".length)}${end}`));
  return (text) => `${before}${text}${after}`;
}

/** Escapes everything in a text that a terminal would obey, except line ends and the styles of this program. */
export function terminalText(text: string): string {
  const [first = "", ...styled] = text.split(begin);
  const rest = styled.map((part) => {
    const at = part.indexOf(end);
    return `\x1b[${part.slice(0, at)}${escapeLines(part.slice(at + 1))}`;
  });
  return [escapeLines(first), ...rest].join("");
}

/** Returns a document as JSON without characters that a terminal would obey. The document is the same. */
export function jsonText(document: object): string {
  return escapeLines(JSON.stringify(document, undefined, 2));
}

function escapeLines(text: string): string {
  return text.split("\n").map(escapeControls).join("\n");
}
