import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The wall time of a whole process, and what it printed. */
export interface Finished {
  readonly ms: number;
  readonly output: string;
}

/** Runs a child of this folder in a process of its own, with its input as JSON. */
export function runChild(
  name: "mlforge" | "copy" | "rolling" | "many" | "files" | "incremental" | "small" | "training" | "s3" | "text" | "sql",
  input: object,
): Promise<Finished> {
  return runNode([fileURLToPath(new URL(`./child-${name}.js`, import.meta.url)), JSON.stringify(input)]);
}

/** Runs Node to its end. Rejects if it fails. */
export async function runNode(args: readonly string[]): Promise<Finished> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? signal));
  });
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}`);
  return { ms: performance.now() - started, output };
}
