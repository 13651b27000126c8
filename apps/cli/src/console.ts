import { clearLine, cursorTo } from "node:readline";
import { withoutCredentials } from "@mlforge/spec";
import { cut } from "./display-width.js";
import type { SharedFlags } from "./shared-flags.js";
import { type Colors, createColors, jsonText, terminalText } from "./styling.js";

export type { Colors } from "./styling.js";

/** Writes the result of a command to stdout and everything else to stderr. Escapes control characters in every text. */
export interface Console {
  readonly json: boolean;
  /** Styles text for stderr. */
  readonly colors: Colors;
  /** Styles the text of a result. */
  readonly resultColors: Colors;
  /** Width of the terminal that shows results, in columns. Infinite if results go elsewhere and need not be cut. */
  readonly width: number;
  /** Prints the result: the document with `--json`, otherwise the text. Call it once. */
  print(result: { readonly document: object; readonly text: () => string }): void;
  /** Prints the JSON of an error. Prints nothing after a result, because stdout has only one document. */
  printDocument(text: string): void;
  /** Writes a line to stderr. Removes credentials from URLs. */
  note(line: string): void;
  /** True if stderr is a terminal, where a line can be replaced. */
  readonly isLive: boolean;
  /** Replaces the progress line at the end of stderr. Does nothing if stderr is not a terminal. */
  live(line: string): void;
  /** Ends the process after everything is written. */
  end(exitCode: number): Promise<never>;
}

/** Opens the console and takes over stdout: what definitions print, for example with console.log, goes to stderr. */
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
    stderr.write(cut(terminalText(line), widthOf(stderr) - 1));
  };
  return {
    json,
    colors: createColors(isColorful(stderr, color)),
    resultColors: createColors(isColorful(stdout, color)),
    width: widthOf(stdout),
    print: ({ document, text }) => {
      hasResult = true;
      // The result can go to the same terminal.
      live("");
      write(`${json ? jsonText(document) : terminalText(text())}\n`);
    },
    printDocument: (text) => {
      if (!hasResult) write(text);
    },
    note: (line) => {
      live("");
      stderr.write(`${terminalText(withoutCredentials(line))}\n`);
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

/** Returns the width of a terminal, or 80 if it does not report one. Anything else has infinite width. */
function widthOf({ isTTY, columns }: NodeJS.WriteStream): number {
  if (!isTTY) return Number.POSITIVE_INFINITY;
  return columns > 0 ? columns : 80;
}

/** Checks `--no-color`, then NO_COLOR (https://no-color.org), then FORCE_COLOR, then whether the stream is a terminal. */
function isColorful(stream: NodeJS.WriteStream, asked: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (!asked || (NO_COLOR ?? "") !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY && TERM !== "dumb";
}
