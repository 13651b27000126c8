import { spawnSync } from "node:child_process";
import { python } from "./python.js";

/**
 * Runs a Python program that can import pyarrow, pandas, polars, and fastparquet, and returns what it printed.
 *
 * @param program The source text.
 * @param args `sys.argv[1:]`.
 * @throws Error with everything the program printed if it fails.
 */
export function runPython(program: string, args: readonly string[] = []): string {
  const { status, stdout, stderr, error } = spawnSync(python(), ["-I", "-c", program, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { ...process.env, PYTHONWARNINGS: "ignore" },
  });
  if (status !== 0) throw new Error(`the Python program failed: ${error?.message ?? ""}\n${stdout}\n${stderr}`);
  return stdout;
}
