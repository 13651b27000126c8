import { MlforgeError } from "@mlforge/spec";

/** @param why the rest of a sentence that begins with the path, and what to do */
export function sourceUnreadable(source: string, path: string, why: string, cause?: unknown): MlforgeError<"SOURCE_UNREADABLE"> {
  return new MlforgeError("SOURCE_UNREADABLE", `source "${source}": "${path}" ${why}`, { source, path }, { cause });
}
