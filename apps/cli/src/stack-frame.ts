import { sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A line of code. Has no column, because compiling changes columns. */
export interface StackFrame {
  readonly path: string;
  readonly line: number;
}

/** Finds the innermost stack frame in a folder, outside node_modules: the line of the user's own code. */
export function frameWithin(error: unknown, folder: string): StackFrame | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const text of error.stack?.split("\n") ?? []) {
    const [, place, line] = /^\s*at (?:.*\()?(.+?):(\d+):\d+\)?$/.exec(text) ?? [];
    if (place === undefined) continue;
    const path = place.startsWith("file:") ? fileURLToPath(place) : place;
    if (path.startsWith(folder + sep) && !path.includes(`${sep}node_modules${sep}`)) return { path, line: Number(line) };
  }
  return undefined;
}
