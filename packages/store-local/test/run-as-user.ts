import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { temporaryRoot } from "./temporary-root.js";

const script = fileURLToPath(new URL("child/main.mjs", import.meta.url));

/** What a task of `child/main.mjs` writes in a process of a user who is not root, whom the modes of files bind. */
export function runAsUser(...args: readonly string[]): unknown {
  const user = process.getuid?.() === 0 ? { RUN_AS: "65534" } : {};
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...args], { env: { ...process.env, ...user }, encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** A new folder whose permissions are given back before it is deleted. */
export async function temporaryFolder(): Promise<string> {
  const folder = await temporaryRoot();
  onTestFinished(() => void spawnSync("chmod", ["-R", "u+rwx", folder]));
  return folder;
}
