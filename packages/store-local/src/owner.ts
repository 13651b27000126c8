/**
 * Names the process that owns a temporary file or a lock: `<host>.<pid>.<start>.<random>`.
 *
 * On Linux, the host is this boot and PID namespace, within which a PID identifies one process. The start is the start time of the process,
 * because PIDs are reused. On other systems, the host is the host name and the start is 0.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { isErrno, unless } from "./errno.js";

let thisProcess: Promise<string> | undefined;

/** Returns a new name owned by this process. */
export async function newOwnerName(): Promise<string> {
  thisProcess ??= nameThisProcess();
  return `${await thisProcess}.${randomUUID()}`;
}

/** The state of an owner. `elsewhere`: on another host, so this host cannot tell. */
export async function livenessOf(name: string): Promise<"alive" | "dead" | "elsewhere"> {
  thisProcess ??= nameThisProcess();
  const [host = ""] = (await thisProcess).split(".");
  const [, theirHost, pid, start] = /^([0-9a-f]+)\.(\d+)\.(\d+)\./.exec(name) ?? [];
  if (theirHost !== host || pid === undefined) return "elsewhere";
  if (!processExists(Number(pid))) return "dead";
  const stat = await processStat(pid);
  if (stat === undefined) return "alive";
  return stat.ended || stat.start !== start ? "dead" : "alive";
}

async function nameThisProcess(): Promise<string> {
  const [boot, namespace, stat] = await Promise.all([
    linuxOnly(() => readFile("/proc/sys/kernel/random/boot_id", "utf8")),
    linuxOnly(() => readlink("/proc/self/ns/pid")),
    processStat("self"),
  ]);
  const host = createHash("sha256")
    .update(boot !== undefined && namespace !== undefined ? boot + namespace : hostname())
    .digest("hex");
  return `${host.slice(0, 16)}.${process.pid}.${stat?.start ?? "0"}`;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isErrno(error, "ESRCH");
  }
}

/** Returns fields 3 and 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, or undefined if they cannot be read. */
async function processStat(pid: string): Promise<{ readonly ended: boolean; readonly start: string } | undefined> {
  const line = await linuxOnly(() => readFile(`/proc/${pid}/stat`, "latin1"));
  if (line === undefined) return undefined;
  // The second field is the program's name in parentheses, which can contain spaces and parentheses itself.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state = "", start = "0"] = [fields[0], fields[19]];
  return { ended: state === "Z" || state === "X", start };
}

async function linuxOnly(read: () => Promise<string>): Promise<string | undefined> {
  return process.platform === "linux" ? unless(["ENOENT", "ESRCH", "EACCES", "EPERM"], read()) : undefined;
}
