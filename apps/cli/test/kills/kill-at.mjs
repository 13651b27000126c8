/**
 * Loaded into a command with `--import`: kills the process before the change of the file system whose number is `KILL_AT`, counted from 0.
 *
 * Without `KILL_AT`, writes to the file `COUNT_TO` how many changes the command makes.
 */
import { writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const { KILL_AT: killAt, COUNT_TO: countTo } = process.env;
let count = 0;
for (const name of ["mkdir", "mkdtemp", "writeFile", "rename", "link", "rm", "unlink", "rmdir", "utimes", "open"]) {
  const original = promises[name];
  promises[name] = (...args) => {
    const changes = name !== "open" || (args[1] ?? "r") !== "r";
    if (changes && String(count++) === killAt) process.kill(process.pid, "SIGKILL");
    return original(...args);
  };
}
syncBuiltinESMExports();
process.on("exit", () => {
  if (killAt === undefined && countTo !== undefined) writeFileSync(countTo, String(count));
});
