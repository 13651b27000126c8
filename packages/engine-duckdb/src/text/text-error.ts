import { constants } from "node:os";
import { type CsvFormat, MlforgeError, type NdjsonFormat } from "@mlforge/spec";
import { NotCompressed } from "./not-compressed.js";
import { TextFault } from "./text-fault.js";
import type { TextFiles } from "./text-files.js";

/** The context of a text file that could not be read. */
interface TextSource {
  readonly source: string;
  readonly path: string;
  readonly format: CsvFormat | NdjsonFormat;
}

/** Converts the error of a text file that could not be scanned. Passes errors that do not concern its content. */
export async function textError(error: unknown, { source, path, format }: TextSource, texts: TextFiles): Promise<unknown> {
  const fail = ([first = "", ...others]: readonly string[], line?: number): MlforgeError<"SOURCE_UNREADABLE"> =>
    new MlforgeError(
      "SOURCE_UNREADABLE",
      [`source "${source}": ${first}`, ...others],
      { source, path, ...(line === undefined ? {} : { line }) },
      { cause: error },
    );
  if (error instanceof TextFault) {
    const { place, problem, expected } = error;
    const found = await texts.excerpt(path, format, place);
    return fail(threeLines(`${path}:${place.line} ${problem}`, found, expected), place.line);
  }
  if (error instanceof NotCompressed)
    return fail(
      threeLines(`${path} cannot be decompressed`, error.message, `a whole ${format.compression ?? "uncompressed"} file; write it again`),
    );
  if (
    error instanceof Error &&
    "errno" in error &&
    typeof error.errno === "number" &&
    Object.values(constants.errno).includes(-error.errno)
  )
    return fail([`${path} cannot be read: ${error.message}; check the file and its permissions`]);
  return error;
}

/** Returns the lines that say where the problem is, what was found, and what was expected. */
export function threeLines(problem: string, found: string, expected: string): readonly string[] {
  return [printable(problem), `  found:    ${printable(found)}`, `  expected: ${expected}`];
}

/** Escapes text for a terminal: control characters and characters that change the direction of text. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return character === "\t" ? "\\t" : `\\u{${code.toString(16)}}`;
  });
}
