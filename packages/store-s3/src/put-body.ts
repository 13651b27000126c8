import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { MlforgeError, type PutBody } from "@mlforge/spec";
import { storeName } from "./bucket-location.js";

/** The maximum size of one request to S3. */
const maxRequestBytes = 5 * 1_024 ** 3;

/** The bytes to send. */
export interface Payload {
  /** Bytes. */
  readonly size: number;
  /** Called for each request, because a stream can be sent only once. */
  readonly body: () => Uint8Array | Readable;
  /** The file, if it is too large to hold in memory. */
  readonly file: string | undefined;
}

/** Reads a file of at most `inMemory` bytes at once. @throws TypeError if there is no such file */
export async function payloadOf(body: PutBody, inMemory: number): Promise<Payload> {
  if (body instanceof Uint8Array) return { size: body.length, body: () => body, file: undefined };
  const { file } = body;
  try {
    const { size } = await stat(file);
    if (size > inMemory) return { size, body: () => createReadStream(file, { end: size - 1 }), file };
    const bytes = await readFile(file);
    return { size: bytes.length, body: () => bytes, file: undefined };
  } catch (error) {
    throw new TypeError(`the file to put, ${file}, cannot be read; give the path of an existing file`, { cause: error });
  }
}

/** Checks that a write with a condition fits into one request. @throws CAPABILITY_MISSING */
export function checkOneRequest(size: number): void {
  if (size <= maxRequestBytes) return;
  const message = `S3 accepts at most ${maxRequestBytes} bytes (5 GiB) with a condition, but the object has ${size}; write it without a condition`;
  throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: storeName, capability: "conditionalPut beyond 5 GiB" });
}
