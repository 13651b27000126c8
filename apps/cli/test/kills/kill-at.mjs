/**
 * Loaded into a command with `--import`: kills the process before the change whose number is `KILL_AT`, counted from 0. A change is a call that changes the
 * file system, or an HTTP request that changes a bucket.
 *
 * Without `KILL_AT`, writes to the file `COUNT_TO` how many changes the command makes.
 */
import { writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";

const { KILL_AT: killAt, COUNT_TO: countTo } = process.env;
let count = 0;
function change() {
  if (String(count++) === killAt) process.kill(process.pid, "SIGKILL");
}
for (const name of ["mkdir", "mkdtemp", "writeFile", "rename", "link", "rm", "unlink", "rmdir", "utimes", "open"]) {
  const original = promises[name];
  promises[name] = (...args) => {
    if (name !== "open" || (args[1] ?? "r") !== "r") change();
    return original(...args);
  };
}
const { request } = http;
http.request = (...args) => {
  if (["PUT", "POST", "DELETE"].includes(args[0]?.method)) change();
  return request(...args);
};
syncBuiltinESMExports();
process.on("exit", () => {
  if (killAt === undefined && countTo !== undefined) writeFileSync(countTo, String(count));
});
