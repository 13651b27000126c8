import type { NdjsonFormat } from "@mlforge/spec";
import { plainBytes } from "./plain-bytes.js";
import { TextFault } from "./text-fault.js";

const lf = 0x0a;

/** Finds the first line of a file that is not JSON, with JavaScript's parser. Returns undefined if all lines are JSON. */
export async function jsonFault(path: string, format: NdjsonFormat): Promise<TextFault | undefined> {
  let rest: Uint8Array = new Uint8Array(0);
  let line = 1;
  let lineStart = 0;
  const faultIn = (bytes: Uint8Array): TextFault | undefined => {
    const text = Buffer.from(bytes).toString("utf8");
    const problem = text.trim() === "" ? undefined : problemOf(text);
    if (problem === undefined) return undefined;
    return new TextFault({ line, lineStart, at: lineStart + problem.position }, problem.message, "one JSON object a line (RFC 8259)");
  };
  for await (const piece of plainBytes(path, format)) {
    const bytes = Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(lf); end !== -1; end = bytes.indexOf(lf, start)) {
      const fault = faultIn(bytes.subarray(start, end));
      if (fault !== undefined) return fault;
      line++;
      lineStart += end + 1 - start;
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
  }
  return faultIn(rest);
}

function problemOf(text: string): { readonly message: string; readonly position: number } | undefined {
  try {
    // An unpaired surrogate is not a character. JSON writes it as an escape.
    const lone = /\\ud[89a-f]/i.exec(JSON.stringify(JSON.parse(plainNumbers(text))));
    return lone === null ? undefined : { message: "has an escape of half a character", position: 0 };
  } catch (error) {
    const position = Number(/position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1] ?? 0);
    return { message: "is not valid JSON", position: Buffer.byteLength(text.slice(0, position)) };
  }
}

/** Accepts the numbers that Python's json writes in addition to JSON's, as DuckDB does. */
function plainNumbers(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|-?\b(?:NaN|Infinity)\b/g, (match, string: string | undefined) =>
    string === undefined ? "0".padEnd(match.length) : match,
  );
}
