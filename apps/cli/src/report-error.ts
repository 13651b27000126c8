import { inspect } from "node:util";
import { causeOf, type ErrorCode, isMlforgeError } from "@mlforge/spec";
import type { Console } from "./console.js";
import { errorDocument } from "./error-document.js";

/** Error codes that mean wrong usage or definitions rather than a failure. */
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

/** Prints the error that ended a command to stderr, and with `--json` also to stdout. Returns the exit code. */
export function reportError(thrown: unknown, console: Console, signal: AbortSignal | undefined): number {
  const error = causeOf(thrown);
  const interrupted = signal?.aborted === true && error === signal.reason;
  const { code, message } = interrupted ? { code: "INTERRUPTED", message: "the command was interrupted" } : describeError(error);
  if (console.json) console.printDocument(errorDocument(code, message));
  if (interrupted) return 1;
  console.note(errorLine(error, console));
  return isMlforgeError(error, ...usageCodes) ? 2 : 1;
}

/** Formats the message and code of an error, or all of it with MLFORGE_DEBUG=1. `where` names the feature or source it concerns. */
export function errorLine(error: unknown, { colors }: Console, where?: string): string {
  const { code, message } = describeError(error);
  const text = indented(where === undefined ? message : `${where}: ${message}`);
  const line = `${colors.red("error:")} ${text} ${colors.dim(`[${code}]`)}`;
  if (process.env.MLFORGE_DEBUG === "1") return `${line}\n${indented(`  ${inspect(error)}`)}`;
  return code !== "UNEXPECTED" ? line : `${line}\nThis is a bug in mlforge or a plugin. Set MLFORGE_DEBUG=1 to see the stack.`;
}

/** Indents all lines after the first, so that none looks like another error. */
export function indented(message: string): string {
  return message.replace(/\n(?! {2})/g, "\n  ");
}

/** Returns the code and message of an error. Errors from elsewhere get the code UNEXPECTED. */
export function describeError(error: unknown): { readonly code: string; readonly message: string } {
  if (isMlforgeError(error)) return error;
  return { code: "UNEXPECTED", message: error instanceof Error ? error.message : String(error) };
}
