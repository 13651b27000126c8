import { sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A line of code. The column is not told: compiling moves it. */
export interface StackFrame {
  readonly path: string;
  readonly line: number;
}

/** The innermost frame of an error's stack that lies in a folder and not in its dependencies: where the user's own code was. */
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
