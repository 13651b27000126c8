import { spawn } from "node:child_process";
import { cp, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const example = fileURLToPath(new URL("..", import.meta.url));
const bin = join(dirname(createRequire(import.meta.url).resolve("@mlforge/cli/package.json")), "bin/mlforge.js");

/** A copy of the example's folder that is deleted when the test ends. */
export async function copyOfExample(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "mlforge-environments-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["definitions.ts", "package.json", "data"]) await cp(join(example, name), join(folder, name), { recursive: true });
  await symlink(join(example, "node_modules"), join(folder, "node_modules"), "junction");
  return folder;
}

/** Runs the mlforge command in a folder. Of the environment nothing that concerns AWS is passed on but what is given. */
export async function mlforge(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|ENVIRONMENT$|FORCE_COLOR$)/.test(name));
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...Object.fromEntries(inherited), ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
