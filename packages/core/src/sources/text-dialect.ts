import { open } from "node:fs/promises";
import type { CsvFormat } from "@mlforge/spec";

/** The number of bytes to examine at the start of a file. A header is rarely longer, and the first delimiters of a longer one are in this range. */
const headBytes = 65_536;

/** The delimiters that programs write, other than the comma. */
const otherDelimiters = [";", "\t", "|"] as const;

/**
 * Finds the delimiter and the encoding of an uncompressed CSV file from its byte order mark and its first line. Refuses a line with several possible
 * delimiters. The engine then checks that every line has the same number of cells.
 *
 * @param refuse creates the error from the rest of a sentence that begins with the path
 */
export async function textDialect(path: string, format: CsvFormat, refuse: (why: string) => Error): Promise<CsvFormat> {
  const head = await readHead(path);
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  const encoding = isUtf16 ? (head[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  const [line = ""] = new TextDecoder(encoding).decode(head).split(/\r|\n/, 1);
  const encoded: CsvFormat = isUtf16 ? { ...format, encoding: "utf-16" } : format;
  if (/^(""|)[,;|\t]/.test(line))
    throw refuse(
      "has no name for its first column; name it in the first line, or, if pandas wrote its index there, use to_csv(index=False)",
    );
  if (format.delimiter !== undefined) return encoded;
  if (/^sep=.$/i.test(line)) throw refuse(`begins with the line ${JSON.stringify(line)}, which only Excel understands; delete that line`);
  const plain = line.replace(/"(?:[^"]|"")*"/g, "");
  const [delimiter, ...others] = [",", ...otherDelimiters].filter((each) => plain.includes(each));
  if (delimiter === undefined || (others.length === 0 && delimiter === ",")) return encoded;
  if (others.length === 0) return { ...encoded, delimiter };
  const shown = [delimiter, ...others].map((each) => JSON.stringify(each)).join(" and ");
  throw refuse(`has ${shown} in its first line, so it is not clear which of them separates the columns; quote the column names`);
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
