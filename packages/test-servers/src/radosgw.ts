import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { AccessKeys } from "./access-keys.js";
import { freePort } from "./free-port.js";
import { cephConfiguration } from "./radosgw-configuration.js";
import { guarded, ServerProcess, startDeadline } from "./server-process.js";

const run = promisify(execFile);

/** A running Ceph object gateway with its own cluster in memory. */
export interface Radosgw extends AsyncDisposable {
  readonly endpoint: string;
  /** The keys of an administrator. */
  readonly root: AccessKeys;
  /** Creates a user, who cannot use the buckets of others until a bucket policy allows it. */
  createUser(name: string): Promise<AccessKeys>;
}

/** Starts Ceph's object gateway on a free port of 127.0.0.1, with one monitor and one disk in memory. Takes about 15 seconds. */
export async function startRadosgw(): Promise<Radosgw> {
  const folder = await mkdtemp(join(tmpdir(), "radosgw-"));
  const processes: ServerProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const process of processes.reverse()) await process[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await startIn(folder, processes)), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startIn(folder: string, processes: ServerProcess[]): Promise<Omit<Radosgw, typeof Symbol.asyncDispose>> {
  const fsid = randomUUID();
  const disk = randomUUID();
  const configuration = join(folder, "ceph.conf");
  const keyring = join(folder, "keyring");
  const [monitorPort, port] = await Promise.all([freePort(), freePort()]);
  const ceph = (command: string, ...args: readonly string[]) =>
    run(command, ["--conf", configuration, ...args], { timeout: startDeadline, killSignal: "SIGKILL" });
  const start = (command: string, ...args: readonly string[]): void => {
    processes.push(new ServerProcess(...guarded(command, ["--conf", configuration, "-f", ...args])));
  };

  await writeFile(configuration, cephConfiguration({ folder, fsid, monitorPort, port }));
  for (const [name, ...caps] of [
    ["mon.", "mon", "allow *"],
    ["client.admin", "mon", "allow *", "osd", "allow *", "mgr", "allow *"],
    ["osd.0", "mon", "allow profile osd", "osd", "allow *"],
  ] as const) {
    const allowed = caps.flatMap((cap, index) => (index % 2 === 0 ? ["--cap", cap] : [cap]));
    await run("ceph-authtool", [keyring, ...(name === "mon." ? ["--create-keyring"] : []), "--gen-key", "--name", name, ...allowed]);
  }
  // Without a map, the monitor uses the default port and ignores the configuration.
  const map = join(folder, "monmap");
  await run("monmaptool", ["--create", "--fsid", fsid, "--addv", "a", `[v2:127.0.0.1:${monitorPort}]`, map]);
  await ceph("ceph-mon", "--mkfs", "--id", "a", "--monmap", map, "--keyring", keyring);
  start("ceph-mon", "--id", "a");
  // The monitor and the disk must know the disk by the same identifier, or it never leaves the state `booting`.
  await ceph("ceph", "osd", "new", disk, "0");
  await mkdir(join(folder, "osd"));
  await ceph("ceph-osd", "--mkfs", "--id", "0", "--osd-uuid", disk);
  start("ceph-osd", "--id", "0");
  start("radosgw", "--name", "client.admin");

  const endpoint = `http://127.0.0.1:${port}`;
  await answers(endpoint, processes);
  const createUser = async (name: string, ...args: readonly string[]): Promise<AccessKeys> => {
    const keys = { accessKeyId: randomBytes(10).toString("hex").toUpperCase(), secretAccessKey: randomBytes(20).toString("hex") };
    const { accessKeyId, secretAccessKey } = keys;
    const pair = ["--access-key", accessKeyId, "--secret-key", secretAccessKey];
    await ceph("radosgw-admin", "user", "create", "--uid", name, "--display-name", name, ...pair, ...args);
    return keys;
  };
  return { endpoint, root: await createUser("root", "--system"), createUser: (name) => createUser(name) };
}

/** Waits until the endpoint answers. Fails if a process ends first, with what it printed. */
async function answers(endpoint: string, processes: readonly ServerProcess[]): Promise<void> {
  const deadline = performance.now() + startDeadline;
  for (;;) {
    for (const process of processes) process.assertRunning();
    try {
      await fetch(endpoint);
      return;
    } catch {
      if (performance.now() > deadline)
        throw new Error(`no answer within ${startDeadline} ms\n${processes.map(({ output }) => output).join("\n")}`);
      await pause(100);
    }
  }
}
