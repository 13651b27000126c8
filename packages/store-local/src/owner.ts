/**
 * Which process a temporary file, a lock or a staging folder belongs to, told by its name: `<host>.<pid>.<start>.<random>`.
 *
 * On Linux the host is this boot and this PID namespace, as only there a PID means one process, and the start is the process's
 * start time, as PIDs are used again. Elsewhere the host is the host name and the start is 0.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { isErrno, unless } from "./errno.js";

let thisProcess: Promise<string> | undefined;

/** A new name that belongs to this process. */
export async function newOwnerName(): Promise<string> {
  thisProcess ??= nameThisProcess();
  return `${await thisProcess}.${randomUUID()}`;
}

/** `elsewhere`: on another host, where nobody here can tell. */
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

/** Field 3 and field 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; undefined where they cannot be read. */
async function processStat(pid: string): Promise<{ readonly ended: boolean; readonly start: string } | undefined> {
  const line = await linuxOnly(() => readFile(`/proc/${pid}/stat`, "latin1"));
  if (line === undefined) return undefined;
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state = "", start = "0"] = [fields[0], fields[19]];
  return { ended: state === "Z" || state === "X", start };
}

async function linuxOnly(read: () => Promise<string>): Promise<string | undefined> {
  return process.platform === "linux" ? unless(["ENOENT", "ESRCH", "EACCES", "EPERM"], read()) : undefined;
}
