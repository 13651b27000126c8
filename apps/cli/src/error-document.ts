/** What `--json` prints where a command has no result. */
export function errorDocument(code: string, message: string): string {
  return `${JSON.stringify({ error: { code, message } }, undefined, 2)}\n`;
}
