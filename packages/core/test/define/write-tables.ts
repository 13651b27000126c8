import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tables, TimedRow } from "./timed-plans.js";

/** Writes the rows of timed sources into files of a folder. No file is empty: each has a row of nobody. */
export async function writeTables(folder: string, tables: Tables): Promise<void> {
  for (const [name, rows] of Object.entries(tables)) {
    const all: readonly TimedRow[] = [...rows, nobody];
    await writeFile(join(folder, `${name}.ndjson`), all.map((row) => `${JSON.stringify(shown(row))}\n`).join(""));
  }
}

function shown(row: TimedRow): object {
  const entries = Object.entries(row).map(([name, value]) => {
    if (value === null || !["at", "since", "on"].includes(name)) return [name, value];
    const text = new Date(value / 1_000).toISOString();
    return [name, name === "on" ? text.slice(0, 10) : text];
  });
  return Object.fromEntries(entries);
}

/** The row that each file has beside those of its table. */
export const nobody: TimedRow = { k: 99, at: 0, since: 0, on: 0, v: null, p: null, q: null, d: null };
