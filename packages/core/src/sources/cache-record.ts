import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import * as v from "valibot";
import { type Bytes, united } from "./byte-ranges.js";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.object({ ranges: v.array(v.tuple([count, count])) });

/** Which bytes of a cached file are there. A record that is missing or cannot be read says none: they can be fetched again. */
export async function readRecord(path: string): Promise<readonly Bytes[]> {
  try {
    const { ranges } = v.parse(schema, JSON.parse(await readFile(path, "utf8")));
    return united(ranges.map(([start, end]) => ({ start, end })));
  } catch {
    return [];
  }
}

/**
 * Of several processes that write at once the last one is heard; what the others fetched is fetched again one day.
 *
 * The bytes must be on the disk before their record is.
 */
export async function writeRecord(path: string, ranges: readonly Bytes[]): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, JSON.stringify({ ranges: ranges.map(({ start, end }) => [start, end]) }), { mode: 0o600 });
  await rename(aside, path);
}
