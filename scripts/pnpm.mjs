// Runs pnpm at the pinned version through npm, so that only Node and npm must exist beforehand.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const { packageManager } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

/** Runs `pnpm ...args` at the workspace root and returns its exit code. */
export function pnpm(args, options = {}) {
  const result = spawnSync("npx", ["--yes", packageManager, ...args], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
    ...options,
  });
  return result.status ?? 1;
}

if (process.argv[1] === new URL(import.meta.url).pathname) process.exit(pnpm(process.argv.slice(2)));
