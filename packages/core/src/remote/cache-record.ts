import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import * as v from "valibot";
import { type Bytes, united } from "./byte-ranges.js";

/** Which bytes of a cached file are there. */
export interface CacheRecord {
  readonly ranges: readonly Bytes[];
  /** Whether all of it was held against the SHA-256 it was published with. */
  readonly verified: boolean;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.object({ ranges: v.array(v.tuple([count, count])), verified: v.boolean() });

export const nothingCached: CacheRecord = { ranges: [], verified: false };

/** A record that is missing or cannot be read says that nothing is there: what is cached can be fetched again. */
export async function readRecord(path: string): Promise<CacheRecord> {
  try {
    const { ranges, verified } = v.parse(schema, JSON.parse(await readFile(path, "utf8")));
    return { ranges: united(ranges.map(([start, end]) => ({ start, end }))), verified };
  } catch {
    return nothingCached;
  }
}

/**
 * Of several processes that write at once the last one is heard; what the others fetched is fetched again one day.
 *
 * The bytes must be on the disk before their record is.
 */
export async function writeRecord(path: string, { ranges, verified }: CacheRecord): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, JSON.stringify({ ranges: ranges.map(({ start, end }) => [start, end]), verified }), { mode: 0o600 });
  await rename(aside, path);
}
