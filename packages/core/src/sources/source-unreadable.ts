import { MlforgeError } from "@mlforge/spec";

/** @param why The rest of a sentence about the path, with what to do. */
export function sourceUnreadable(source: string, path: string, why: string, cause?: unknown): MlforgeError<"SOURCE_UNREADABLE"> {
  return new MlforgeError("SOURCE_UNREADABLE", `source "${source}": "${path}" ${why}`, { source, path }, { cause });
}
