import { withoutCredentials } from "@mlforge/spec";
import { jsonText } from "./styling.js";

/** Returns the document that `--json` prints if a command has no result. Removes credentials from URLs. */
export function errorDocument(code: string, message: string): string {
  return `${jsonText({ error: { code, message: withoutCredentials(message) } })}\n`;
}
