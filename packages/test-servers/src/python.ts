import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Returns the Python that runs servers: from the virtual environment `.cache/servers` in the root of the workspace, or else the system's. */
export function python(): string {
  const path = process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
  const own = fileURLToPath(new URL(`../../../.cache/servers/${path}`, import.meta.url));
  if (existsSync(own)) return own;
  return process.platform === "win32" ? "python" : "python3";
}
