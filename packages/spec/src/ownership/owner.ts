/**
 * Names the process that owns a folder or a file that other processes can see: `<boot>.<namespace>.<pid>.<start>`.
 *
 * The boot identifies a running kernel, and the namespace the process ids that mean something there. Two containers can have the same host name, and
 * every container has a process 1. Process ids are reused, so the start time is part of the name. Systems without `/proc` have a host name instead.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** `elsewhere`: a process of another host or container, whose process ids this process cannot see. `sameKernel` is true for a container. */
export type Liveness = { readonly state: "alive" | "dead" } | { readonly state: "elsewhere"; readonly sameKernel: boolean };

let thisProcess: Promise<string> | undefined;

/** Returns the name of this process. */
export function ownerName(): Promise<string> {
  thisProcess ??= nameThisProcess();
  return thisProcess;
}

/** Returns a new name that begins with the name of this process. */
export async function newOwnerName(): Promise<string> {
  return `${await ownerName()}.${randomUUID()}`;
}

/** The name of an owner at the start of a text. */
const ownerPattern = /^([0-9a-f]{16})\.(\d+)\.(\d+)\.(\d+)(?=\.|$)/;

/** Returns whether the owner is alive, or undefined if the text does not begin with a name of an owner. */
export async function livenessOf(text: string): Promise<Liveness | undefined> {
  const [, boot, namespace, pid, start] = ownerPattern.exec(text) ?? [];
  if (boot === undefined || pid === undefined) return undefined;
  const [ourBoot, ourNamespace] = (await ownerName()).split(".");
  if (boot !== ourBoot || namespace !== ourNamespace) return { state: "elsewhere", sameKernel: boot === ourBoot && namespace !== "0" };
  if (!exists(Number(pid))) return { state: "dead" };
  const found = await statOf(pid);
  return { state: found === undefined || (!found.ended && found.start === start) ? "alive" : "dead" };
}

async function nameThisProcess(): Promise<string> {
  const [boot, link, stat] = await Promise.all([
    onLinux(() => readFile("/proc/sys/kernel/random/boot_id", "utf8")),
    onLinux(() => readlink("/proc/self/ns/pid")),
    statOf("self"),
  ]);
  const namespace = /\d+/.exec(link ?? "")?.[0];
  const isKnown = boot !== undefined && namespace !== undefined;
  const kernel = createHash("sha256")
    .update(isKnown ? boot : hostname())
    .digest("hex")
    .slice(0, 16);
  return `${kernel}.${isKnown ? namespace : "0"}.${process.pid}.${stat?.start ?? "0"}`;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** Returns fields 3 and 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, or undefined if they cannot be read. */
async function statOf(pid: string): Promise<{ readonly ended: boolean; readonly start: string } | undefined> {
  const line = await onLinux(() => readFile(`/proc/${pid}/stat`, "latin1"));
  if (line === undefined) return undefined;
  // The second field is the program's name in parentheses, which can contain spaces and parentheses itself.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state = "", start = "0"] = [fields[0], fields[19]];
  return { ended: state === "Z" || state === "X", start };
}

/** Resolves to undefined on other systems, and where `/proc` is not mounted or hides other users' processes. */
async function onLinux(read: () => Promise<string>): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  try {
    return await read();
  } catch {
    return undefined;
  }
}
