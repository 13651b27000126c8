import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The Python that runs servers: that of the virtual environment `.cache/servers` at the root of the workspace, or else the system's. */
export function python(): string {
  const path = process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
  const own = fileURLToPath(new URL(`../../../.cache/servers/${path}`, import.meta.url));
  if (existsSync(own)) return own;
  return process.platform === "win32" ? "python" : "python3";
}
