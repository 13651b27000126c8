import { randomUUID } from "node:crypto";
import { escapeControls } from "@mlforge/spec";
import pc from "picocolors";

/** Functions that style text, one for each style. */
export type Colors = Readonly<Record<"red" | "yellow" | "green" | "bold" | "dim", (text: string) => string>>;

/**
 * Marks the start of each style that this program adds. {@link terminalText} uses it to escape all other styles, such as one in a name.
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

/** Escapes all control characters in a text, except line ends and the styles of this program. */
export function terminalText(text: string): string {
  const [first = "", ...styled] = text.split(begin);
  const rest = styled.map((part) => {
    const at = part.indexOf(end);
    return `\x1b[${part.slice(0, at)}${escapeLines(part.slice(at + 1))}`;
  });
  return [escapeLines(first), ...rest].join("");
}

/** Returns a document as JSON with control characters escaped. It parses to the same document. */
export function jsonText(document: object): string {
  return escapeLines(JSON.stringify(document, undefined, 2));
}

function escapeLines(text: string): string {
  return text.split("\n").map(escapeControls).join("\n");
}
