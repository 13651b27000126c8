import type { ReadStream } from "node:fs";
import type { Transform } from "node:stream";
import zlib from "node:zlib";
import { Decompress } from "fzstd";
import { NotCompressed } from "./not-compressed.js";

/** Decompresses a zstd file, with Node's own zstd from 22.15 on, which also verifies the checksum of each frame. */
export async function* zstdBytes(file: ReadStream): AsyncGenerator<Uint8Array> {
  const create: unknown = Reflect.get(zlib, "createZstdDecompress");
  try {
    yield* isFactory(create) ? file.pipe(piped(file, create())) : byFzstd(file);
  } catch (error) {
    // Errors of the file itself have the name of the system call.
    const isRead = error instanceof Error && ("syscall" in error || error.name === "AbortError");
    throw isRead ? error : new NotCompressed(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    file.destroy();
  }
}

function isFactory(candidate: unknown): candidate is () => Transform {
  return typeof candidate === "function";
}

function piped(file: ReadStream, into: Transform): Transform {
  file.on("error", (error) => into.destroy(error));
  return into;
}

async function* byFzstd(file: ReadStream): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  const decompress = new Decompress((piece) => pieces.push(piece));
  for await (const bytes of file) {
    decompress.push(bytes);
    yield* pieces;
    pieces = [];
  }
  decompress.push(new Uint8Array(0), true);
  yield* pieces;
}
