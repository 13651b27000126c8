import { jsonText } from "./styling.js";

/** What `--json` prints where a command has no result. */
export function errorDocument(code: string, message: string): string {
  return `${jsonText({ error: { code, message } })}\n`;
}
