import { setMaxListeners } from "node:events";
import { constants } from "node:os";
import type { Console } from "./console.js";

export interface Interruption {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** 128 plus the number of the signal that arrived, as in shells. */
  readonly exitCode: number | undefined;
}

/** Listens for SIGINT and SIGTERM. The first one asks the command to stop and clean up. The second ends the process at once. */
export function listenForSignals(console: Console): Interruption {
  const controller = new AbortController();
  // Everything that a command waits for listens, however many features there are. Node would call that a leak.
  setMaxListeners(0, controller.signal);
  let exitCode: number | undefined;
  const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = 128 + constants.signals[name];
    console.note("stopping and removing temporary files (interrupt again to stop at once)");
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
