import { totalmem } from "node:os";

const mebibyte = 1_048_576;
/** Node, Arrow batches, and the memory that DuckDB does not count took 220 to 260 MB beside its limit in `npm run bench`. */
const besideDuckDB = 256 * mebibyte;
const least = 64 * mebibyte;

/**
 * Returns the default memory limit inside a container with its own limit (cgroup v1 or v2). Returns undefined elsewhere: DuckDB then takes 80% of the
 * machine's memory. In a container it would take 80% of that limit and leave too little for the rest of the process, which the kernel kills.
 */
export function containerMemoryLimit(constrained: number = process.constrainedMemory(), machine: number = totalmem()): string | undefined {
  if (constrained <= 0 || constrained >= machine) return undefined;
  return `${Math.floor(Math.max((constrained - besideDuckDB) * 0.8, least) / mebibyte)}MiB`;
}
