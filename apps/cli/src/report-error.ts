import { inspect } from "node:util";
import { type ErrorCode, isMlforgeError } from "@mlforge/spec";
import type { Console } from "./console.js";
import { errorDocument } from "./error-document.js";

/** The errors that mean wrong usage or definitions rather than a failure. */
const usageCodes = [
  "DEFINITION_INVALID",
  "LABELS_INVALID",
  "DEFINITIONS_NOT_LOADED",
  "COLUMN_UNKNOWN",
  "NAME_UNKNOWN",
  "PROFILE_FAILED",
  "ENVIRONMENT_MISSING",
  "USAGE_INVALID",
  "VERSION_INVALID",
] as const satisfies readonly ErrorCode[];

/** Prints what ended a command, on stderr and with `--json` on stdout, and gives its exit code. */
export function reportError(error: unknown, console: Console, signal: AbortSignal | undefined): number {
  const interrupted = signal?.aborted === true && error === signal.reason;
  const { code, message } = interrupted ? { code: "INTERRUPTED", message: "the command was interrupted" } : describeError(error);
  if (console.json) console.printDocument(errorDocument(code, message));
  if (interrupted) return 1;
  console.note(errorLine(error, console));
  return isMlforgeError(error, ...usageCodes) ? 2 : 1;
}

/** An error for people: its message and code, or all of it with MLFORGE_DEBUG=1. `where` is what it befell. */
export function errorLine(error: unknown, { colors }: Console, where?: string): string {
  const { code, message } = describeError(error);
  const text = indented(where === undefined ? message : `${where}: ${message}`);
  const line = `${colors.red("error:")} ${text} ${colors.dim(`[${code}]`)}`;
  if (process.env.MLFORGE_DEBUG === "1") return `${line}\n${inspect(error)}`;
  return code !== "UNEXPECTED" ? line : `${line}\nThis is a fault in mlforge or in a plugin; MLFORGE_DEBUG=1 shows where.`;
}

/** Indents all lines after the first, so that none looks like another error. */
export function indented(message: string): string {
  return message.replace(/\n(?! {2})/g, "\n  ");
}

/** Errors that are not mlforge's own have the code of faults. */
export function describeError(error: unknown): { readonly code: string; readonly message: string } {
  if (isMlforgeError(error)) return error;
  return { code: "UNEXPECTED", message: error instanceof Error ? error.message : String(error) };
}
