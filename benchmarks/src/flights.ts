import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "./run-child.js";

const seed = 20010101;
const realRows = 3_000_000;

/** The file of so many flights, made on the first call. */
export async function flightsFile(rows: number): Promise<string> {
  const path = fileURLToPath(new URL(`../.cache/flights-${rows}-${seed}.parquet`, import.meta.url));
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const made = `${path}.${process.pid}`;
  await runChild("sql", { statement: `COPY (\n${flights(rows)}\n) TO '${made}' (FORMAT parquet, COMPRESSION zstd)` });
  renameSync(made, path);
  return path;
}

/**
 * The real flights as often as needed, each time half a year later and with delays that differ a little, and a `flight_id`.
 *
 * The ids are distinct and in no order: they are the row's number, put through steps that are one-to-one on 31 bits.
 */
function flights(rows: number): string {
  const real = fileURLToPath(new URL("../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url));
  const copies = Array.from({ length: Math.ceil(rows / realRows) }, (_, copy) => {
    const number = `xor(file_row_number + ${copy * realRows}, ${seed})`;
    const left = rows - copy * realRows;
    return `SELECT ${mixed(number)} AS flight_id, date + INTERVAL ${copy * 181} DAY AS date, delay, distance, origin, destination, ${copy} AS copy
FROM read_parquet('${real}', file_row_number = true)${left < realRows ? ` WHERE file_row_number < ${left}` : ""}`;
  });
  return `SELECT flight_id, date, delay + copy * (flight_id % 7 - 3) AS delay, distance, origin, destination
FROM (\n${copies.join("\nUNION ALL\n")}\n)`;
}

function mixed(number: string): string {
  const multiplied = (value: string, odd: number): string => `((${value}) * ${odd} & 2147483647)`;
  const folded = (value: string, bits: number): string => `xor(${value}, ${value} >> ${bits})`;
  return folded(multiplied(folded(multiplied(number, 739_982_445), 15), 695_872_825), 16);
}
