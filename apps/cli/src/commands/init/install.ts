import { spawn } from "node:child_process";

/** Returns the package manager that runs this command. Defaults to `npm`. */
export function packageManager(agent: string | undefined = process.env.npm_config_user_agent): "npm" | "pnpm" | "yarn" | "bun" {
  const [name] = (agent ?? "").split("/");
  return name === "pnpm" || name === "yarn" || name === "bun" ? name : "npm";
}

/** Installs the dependencies of a project. The package manager prints to stderr. Returns true on success. */
export function install(folder: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(packageManager(), ["install"], {
      cwd: folder,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
      signal,
    });
    child.on("error", (error) => (signal.aborted ? reject(signal.reason) : error.name === "AbortError" ? reject(error) : resolve(false)));
    child.on("close", (code) => resolve(code === 0));
  });
}
