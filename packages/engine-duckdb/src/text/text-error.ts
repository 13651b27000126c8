import { constants } from "node:os";
import { type CsvFormat, MlforgeError, type NdjsonFormat } from "@mlforge/spec";
import { NotCompressed } from "./not-compressed.js";
import { TextFault } from "./text-fault.js";
import type { TextFiles } from "./text-files.js";

/** What is known of a text file that could not be read. */
interface TextSource {
  readonly source: string;
  readonly path: string;
  readonly format: CsvFormat | NdjsonFormat;
}

/** The error of a text file that could not be scanned; errors that are not about its content pass. */
export async function textError(error: unknown, { source, path, format }: TextSource, texts: TextFiles): Promise<unknown> {
  const fail = (message: string, line?: number): MlforgeError<"SOURCE_UNREADABLE"> =>
    new MlforgeError(
      "SOURCE_UNREADABLE",
      `source "${source}": ${message}`,
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
    return fail(`${path} cannot be read: ${error.message}; check the file and its permissions`);
  return error;
}

/** Where and what is wrong, what stands there, and what was expected. */
export function threeLines(problem: string, found: string, expected: string): string {
  return `${printable(problem)}\n  found:    ${printable(found)}\n  expected: ${expected}`;
}

/** Text that a terminal shows as it stands: control characters and those that turn the direction of text are escaped. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return character === "\t" ? "\\t" : `\\u{${code.toString(16)}}`;
  });
}
