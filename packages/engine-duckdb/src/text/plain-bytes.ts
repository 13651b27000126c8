import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { TextDecoder } from "node:util";
import { createGunzip } from "node:zlib";
import type { TextFileFormat } from "@mlforge/spec";
import { NotCompressed } from "./not-compressed.js";
import { zstdBytes } from "./zstd-bytes.js";

const pieceBytes = 1024 * 1024;

/** Thrown for bytes that are not valid in the encoding of their file. */
export class NotText extends Error {
  /** Describes the bytes, as the end of a sentence. */
  readonly problem: string;
  readonly expected: string;

  constructor(problem: string, expected: string) {
    super(problem);
    this.problem = problem;
    this.expected = expected;
  }
}

/**
 * Reads the text of a file as UTF-8, decompressed and without a byte order mark, in pieces.
 *
 * A piece can end inside a character.
 *
 * @throws NotText after the pieces before the invalid bytes, NotCompressed
 */
export async function* plainBytes(
  path: string,
  { encoding = "utf-8", compression = "none" }: TextFileFormat,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = decompressed(path, compression, signal);
  if (encoding === "utf-8") yield* checkedUtf8(bytes);
  else if (encoding === "latin1") yield* fromLatin1(bytes);
  else yield* fromUtf16(bytes);
}

/** Returns true if the text of a file differs from its bytes, ignoring a byte order mark. */
export function isEncoded({ encoding = "utf-8", compression = "none" }: TextFileFormat): boolean {
  return encoding !== "utf-8" || compression !== "none";
}

function decompressed(
  path: string,
  compression: NonNullable<TextFileFormat["compression"]>,
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (compression === "none") return fileBytes(path, signal);
  const file = createReadStream(path, { highWaterMark: pieceBytes, signal });
  return compression === "gzip" ? gunzipped(file) : zstdBytes(file);
}

/** Reads a file in pieces. Cheaper than a stream for thousands of small files. */
async function* fileBytes(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(size + 1, pieceBytes)));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* gunzipped(file: ReturnType<typeof createReadStream>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: pieceBytes });
  file.on("error", (error) => gunzip.destroy(error));
  try {
    yield* file.pipe(gunzip);
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_"))
      throw new NotCompressed(error.message, { cause: error });
    throw error;
  } finally {
    file.destroy();
  }
}

/** The first bytes of other formats that can be mistaken for text. */
const signatures: readonly { readonly begins: readonly number[]; readonly what: string; readonly expected: string }[] = [
  { begins: [0x1f, 0x8b], what: "compressed with gzip", expected: 'text; for gzip say format: { compression: "gzip" }, or name it .gz' },
  {
    begins: [0x28, 0xb5, 0x2f, 0xfd],
    what: "compressed with zstd",
    expected: 'text; for zstd say format: { compression: "zstd" }, or name it .zst',
  },
  {
    begins: [0x50, 0x41, 0x52, 0x31],
    what: "a Parquet file",
    expected: 'text; for Parquet say format: { kind: "parquet" }, or name it .parquet',
  },
  { begins: [0x50, 0x4b, 0x03, 0x04], what: "a zip archive, as .xlsx files are", expected: "text; unpack it, or save the sheet as CSV" },
];

/** Splits pieces between characters: an incomplete character at the end moves to the next piece. */
async function* checkedUtf8(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  let isFirst = true;
  for await (const piece of pieces) {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    if (isFirst && bytes.length < 4) {
      rest = bytes;
      continue;
    }
    const signature = isFirst ? signatures.find(({ begins }) => begins.every((byte, index) => bytes[index] === byte)) : undefined;
    if (signature !== undefined) throw new NotText(`is ${signature.what}, not text`, signature.expected);
    if (isFirst) bytes = withoutMark(bytes);
    isFirst = false;
    const end = bytes.length - unfinished(bytes);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) yield* untilFault(whole);
    yield whole;
    rest = Buffer.from(bytes.subarray(end));
  }
  const last = isFirst ? withoutMark(rest) : rest;
  if (!isUtf8(last)) yield* untilFault(last);
  if (last.length > 0) yield last;
}

/** Removes a byte order mark. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Returns the number of bytes at the end that begin an incomplete character. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

async function* untilFault(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  let good = 0;
  let bad = bytes.length;
  // A prefix that ends inside a character is not valid either, so try up to three bytes.
  const isGood = (end: number): boolean => isUtf8(bytes.subarray(0, end - unfinished(bytes.subarray(0, end))));
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isGood(middle)) good = middle;
    else bad = middle;
  }
  const start = good - unfinished(bytes.subarray(0, good));
  yield bytes.subarray(0, start);
  throw new NotText(
    `has the byte 0x${hex(bytes[start])}, which is not UTF-8`,
    'UTF-8; for other files say format: { encoding: "latin1" } or "utf-16"',
  );
}

async function* fromLatin1(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    const control = piece.findIndex((byte) => byte >= 0x80 && byte < 0xa0);
    const text = Buffer.from(piece.buffer, piece.byteOffset, control === -1 ? piece.length : control).toString("latin1");
    yield Buffer.from(text, "utf8");
    if (control === -1) continue;
    throw new NotText(
      `has the byte 0x${hex(piece[control])}, a control character in Latin-1`,
      "text in Latin-1; a file with such bytes is most often Windows-1252: convert it to UTF-8",
    );
  }
}

async function* fromUtf16(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  let decoder: TextDecoder | undefined;
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    rest = new Uint8Array(0);
    if (decoder === undefined && bytes.length < 2) {
      rest = bytes;
      continue;
    }
    decoder ??= new TextDecoder(bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-16le", { fatal: true });
    yield Buffer.from(decode(decoder, bytes), "utf8");
  }
  if (decoder === undefined && rest.length > 0) throw notUtf16();
  if (decoder !== undefined) yield Buffer.from(decode(decoder, undefined), "utf8");
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw notUtf16();
  }
}

function notUtf16(): NotText {
  return new NotText("has bytes that are not UTF-16", "UTF-16, little-endian or with a byte order mark");
}

function hex(byte = 0): string {
  return byte.toString(16).padStart(2, "0");
}
