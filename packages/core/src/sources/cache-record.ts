import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import * as v from "valibot";
import { type Bytes, united } from "./byte-ranges.js";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.object({ ranges: v.array(v.tuple([count, count])) });

/** Reads which bytes of a cached file are present. Returns none if the record is missing or unreadable: the bytes can be fetched again. */
export async function readRecord(path: string): Promise<readonly Bytes[]> {
  try {
    const { ranges } = v.parse(schema, JSON.parse(await readFile(path, "utf8")));
    return united(ranges.map(([start, end]) => ({ start, end })));
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
export async function writeRecord(path: string, ranges: readonly Bytes[]): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, JSON.stringify({ ranges: ranges.map(({ start, end }) => [start, end]) }), { mode: 0o600 });
  await rename(aside, path);
}
