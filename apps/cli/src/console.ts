import { clearLine, cursorTo } from "node:readline";
import type { SharedFlags } from "./shared-flags.js";
import { type Colors, createColors, jsonText, terminalText } from "./styling.js";

export type { Colors } from "./styling.js";

/** Where a command writes: its result to stdout, everything else to stderr. Escapes what a terminal would obey, in every text. */
export interface Console {
  readonly json: boolean;
  /** For stderr. */
  readonly colors: Colors;
  /** For what is printed as the text of a result. */
  readonly resultColors: Colors;
  /** Of the terminal that shows results, in columns; infinite where results go elsewhere, which need not be cut. */
  readonly width: number;
  /** Prints the result, once: the document with `--json`, else the text. */
  print(result: { readonly document: object; readonly text: () => string }): void;
  /** Prints the JSON of what went wrong; nothing after a result, because stdout has one document. */
  printDocument(text: string): void;
  /** Writes a line to stderr. */
  note(line: string): void;
  /** Whether stderr is a terminal, on which a line can change. */
  readonly isLive: boolean;
  /** Replaces the changing line at the end of stderr; nothing where stderr is no terminal. */
  live(line: string): void;
  /** Ends the process when everything is written. */
  end(exitCode: number): Promise<never>;
}

/** Takes stdout over: what definitions print themselves, with console.log for example, goes to stderr. */
export function openConsole({ json, color }: SharedFlags): Console {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  let hasResult = false;
  let current = "";
  const live = (line: string): void => {
    if (!stderr.isTTY || line === current) return;
    cursorTo(stderr, 0);
    clearLine(stderr, 1);
    current = line;
    stderr.write(terminalText(line).slice(0, widthOf(stderr) - 1));
  };
  return {
    json,
    colors: createColors(isColorful(stderr, color)),
    resultColors: createColors(isColorful(stdout, color)),
    width: widthOf(stdout),
    print: ({ document, text }) => {
      hasResult = true;
      write(`${json ? jsonText(document) : terminalText(text())}\n`);
    },
    printDocument: (text) => {
      if (!hasResult) write(text);
    },
    note: (line) => {
      live("");
      stderr.write(`${terminalText(line)}\n`);
    },
    isLive: stderr.isTTY,
    live,
    end: async (exitCode) => {
      live("");
      await new Promise<void>((resolve) => {
        write("", () => resolve());
      });
      return process.exit(exitCode);
    },
  };
}

/** A terminal may not tell its width. What is no terminal has none. */
function widthOf({ isTTY, columns }: NodeJS.WriteStream): number {
  if (!isTTY) return Number.POSITIVE_INFINITY;
  return columns > 0 ? columns : 80;
}

/** `--no-color`, then NO_COLOR (https://no-color.org), then FORCE_COLOR, then whether it is a terminal. */
function isColorful(stream: NodeJS.WriteStream, asked: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (!asked || (NO_COLOR ?? "") !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY && TERM !== "dumb";
}
