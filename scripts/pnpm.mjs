// Runs pnpm at the pinned version through npm, so that only Node and npm must exist beforehand.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const { packageManager } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

/** The command that runs `pnpm ...args`, for `spawn`. */
export function pnpmCommand(args) {
  return ["npx", "--yes", packageManager, ...args];
}

/** Runs `pnpm ...args` at the workspace root and returns its exit code. */
export function pnpm(args, options = {}) {
  const [command, ...rest] = pnpmCommand(args);
  const result = spawnSync(command, rest, { cwd: root, stdio: "inherit", shell: process.platform === "win32", ...options });
  return result.status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(pnpm(process.argv.slice(2)));
