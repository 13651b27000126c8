import { constants } from "node:os";
import type { Console } from "./console.js";

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** 128 and the number of the signal that came, as shells have it. */
  readonly exitCode: number | undefined;
}

/** The first SIGINT or SIGTERM asks the command to stop and clean up; the second one ends the process at once. */
export function listenForSignals(console: Console): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = 128 + constants.signals[name];
    console.note("stopping, removing temporary files (again to stop at once)");
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    get exitCode(): number | undefined {
      return exitCode;
    },
  };
}
