import { readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { newOwnedPath } from "@mlforge/spec/ownership";
import * as v from "valibot";
import type { Piece } from "./cached-pieces.js";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.object({ pieces: v.array(v.tuple([count, count, count])) });

/** Reads which bytes of a cached file are present. Returns none if the record is missing or unreadable: the bytes can be fetched again. */
export async function readRecord(path: string): Promise<readonly Piece[]> {
  try {
    const { pieces } = v.parse(schema, JSON.parse(await readFile(path, "utf8")));
    return pieces.map(([start, end, crc32]) => ({ start, end, crc32 }));
  } catch {
    return [];
  }
}

/**
 * Writes which bytes of a cached file are present. If several processes write at once, the last one wins, and the bytes of the others are fetched
 * again later.
 *
 * The bytes must be on disk before their record is written.
 */
export async function writeRecord(path: string, pieces: readonly Piece[]): Promise<void> {
  const aside = await newOwnedPath(dirname(path), `${basename(path)}.`, "");
  await writeFile(aside, JSON.stringify({ pieces: pieces.map(({ start, end, crc32 }) => [start, end, crc32]) }), { mode: 0o600 });
  await rename(aside, path);
}
