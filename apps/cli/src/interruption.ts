import { setMaxListeners } from "node:events";
import { constants } from "node:os";
import type { Console } from "./console.js";
import { watchEventLoop } from "./watchdog.js";

export interface Interruption {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** 128 plus the number of the signal that arrived, as in shells. */
  readonly exitCode: number | undefined;
}

/**
 * Listens for SIGINT and SIGTERM. The first one asks the command to stop and clean up. The second ends the process at once.
 *
 * Code that blocks the event loop, such as an endless loop in a definition, would keep both from being heard. After a second of that,
 * signals end the process as usual, and the next command removes what was left.
 */
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
  const names = ["SIGINT", "SIGTERM"] as const;
  const listen = (): void => names.forEach((name) => void process.on(name, onSignal));
  const ignore = (): void => names.forEach((name) => void process.off(name, onSignal));
  listen();
  watchEventLoop(ignore, listen);
  return {
    signal: controller.signal,
    get exitCode(): number | undefined {
      return exitCode;
    },
  };
}
