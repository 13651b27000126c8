import { jsonText } from "./styling.js";

/** Returns the document that `--json` prints if a command has no result. */
export function errorDocument(code: string, message: string): string {
  return `${jsonText({ error: { code, message } })}\n`;
}
