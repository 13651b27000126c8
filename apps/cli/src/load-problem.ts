import { displayPath } from "./display-path.js";

/** Explains why a definitions file failed to load. The message begins with the file that caused it. */
export function loadProblem(error: unknown, path: string, where: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return parseProblem(message) ?? missingImport(error, message, path) ?? `${displayPath(path)} threw: ${message}${where}`;
}

/** Reads a syntax error from the compiler's message, the only place that has it. */
function parseProblem(message: string): string | undefined {
  const [, what, path, place] = /^ParseError: (.*?)\s*\n\s*(.+?):(\d+:\d+)$/s.exec(message) ?? [];
  return what === undefined || path === undefined ? undefined : `${displayPath(path)}:${place} does not parse: ${what}`;
}

function missingImport(error: unknown, message: string, path: string): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(String(error.code)))
    return undefined;
  const [, name] = /^Cannot find (?:module|package) '([^']+)'/.exec(message) ?? [];
  if (name === undefined) return undefined;
  const stack: unknown = "requireStack" in error ? error.requireStack : undefined;
  const importer: unknown = Array.isArray(stack) ? stack[0] : undefined;
  const problem = `${displayPath(typeof importer === "string" ? importer : path)} imports "${name}", which`;
  if (/^[./]|^[a-z]:/i.test(name)) return `${problem} does not exist; check the path`;
  const [, installed = name] = /^((?:@[^/]+\/)?[^/]+)/.exec(name) ?? [];
  return `${problem} is not installed; run npm install ${installed}`;
}
