import { subscribe } from "node:diagnostics_channel";
import { storeRetryChannel } from "@mlforge/spec";
import type { Console } from "./console.js";

/** Writes a line to stderr when a store does not answer and is tried again. Writes each line once, because many requests wait at the same time. */
export function showRetries(console: Console): void {
  const shown = new Set<string>();
  subscribe(storeRetryChannel, (message) => {
    if (typeof message !== "object" || message === null || !("problem" in message)) return;
    const line = `${console.colors.yellow("trying again:")} ${String(message.problem)}`;
    if (shown.has(line)) return;
    shown.add(line);
    console.note(line);
  });
}
