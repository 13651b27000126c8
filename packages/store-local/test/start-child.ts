import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("child/main.mjs", import.meta.url));

/** Starts a process that does a task of `child/main.mjs`. It uses the built package: `tsc -b` comes first. */
export function startChild(task: string, root: string, args: readonly (string | number)[] = [], options: ForkOptions = {}): ChildProcess {
  return fork(script, [task, root, ...args.map(String)], { ...options, stdio: ["ignore", "pipe", "inherit", "ipc"] });
}

/** The next message of a process. Rejects if it ends without one. */
export async function messageOf(child: ChildProcess): Promise<Record<string, unknown>> {
  const ended = new AbortController();
  const end = (): void => ended.abort(new Error("the process ended without a message"));
  child.once("exit", end);
  try {
    const [message]: unknown[] = await once(child, "message", { signal: ended.signal });
    return typeof message === "object" && message !== null ? { ...message } : {};
  } finally {
    child.off("exit", end);
  }
}

/** Waits for the end of a process: its exit code, or the signal that killed it. */
export async function endOf(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? child.signalCode ?? "unknown";
}

/** Kills a process, and waits until its last message has arrived. */
export async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}
