import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createOwnedFolder, leftoversIn, ownerName } from "../src/ownership/index.js";

const child = fileURLToPath(new URL("own-folder-child.mjs", import.meta.url));
/** A process in a namespace of its own is number 1 there, as in a container. */
const container = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const hasContainers = process.platform === "linux" && spawnSync("unshare", [...container.slice(1), "true"]).status === 0;

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-owned-"));
  children = [];
});
afterEach(async () => {
  for (const each of children) await kill(each);
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process that owns a folder. */
async function owner(parent = folder, before: readonly string[] = []): Promise<{ readonly process: ChildProcess; readonly path: string }> {
  const [command = "", ...rest] = [...before, process.execPath, child, parent];
  const started = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(started);
  if (started.stdout === null) throw new Error("no output");
  const [line] = await once(started.stdout, "data");
  return { process: started, path: String(line).trim() };
}

async function kill(started: ChildProcess): Promise<void> {
  if (started.exitCode !== null || started.signalCode !== null) return;
  // The output closes when also the process in the container has ended.
  const ended = once(started, "close");
  started.kill("SIGKILL");
  await ended;
}

async function age(path: string, ms: number): Promise<void> {
  const at = new Date(Date.now() - ms);
  await utimes(path, at, at);
}

const minute = 60_000;
const day = 24 * 60 * minute;

describe("an owned folder", () => {
  it("is removed by its owner, and by the next owner of the same kind after a kill", async () => {
    {
      await using own = await createOwnedFolder(folder, "work-");
      expect((await stat(own.path)).mode & 0o777).toBe(0o700);
      const other = await owner();
      expect(await leftoversIn(folder, "work-")).toEqual([]);
      await kill(other.process);
      expect(await leftoversIn(folder, "work-")).toEqual([{ path: other.path }]);
      // Another kind of folder is not looked at.
      await using unrelated = await createOwnedFolder(folder, "other-");
      expect(await readdir(folder)).toHaveLength(3);
      await using next = await createOwnedFolder(folder, "work-");
      expect((await readdir(folder)).sort()).toEqual([own, unrelated, next].map(({ path }) => basename(path)).sort());
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("can be removed before a package is imported, which a stat of its socket would make fail", async () => {
    const other = await owner();
    await kill(other.process);
    const script = fileURLToPath(new URL("remove-and-import.mjs", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, folder], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is kept whatever its age where its owner lives", async () => {
    const other = await owner();
    await age(other.path, 400 * day);
    expect(await leftoversIn(folder, "work-")).toEqual([]);
  });

  it("is a leftover where its process number belongs to another process by now", async () => {
    const [boot, namespace, pid, start] = (await ownerName()).split(".");
    const reused = `work-${boot}.${namespace}.${pid}.${Number(start) - 1}.x`;
    await mkdir(join(folder, reused));
    expect(await leftoversIn(folder, "work-")).toEqual(process.platform === "linux" ? [{ path: join(folder, reused) }] : []);
  });

  it("of another host is a leftover after a day without a sign of life", async () => {
    const path = join(folder, `work-${"0".repeat(16)}.1.1.1.x`);
    await mkdir(path);
    await age(path, day - minute);
    expect(await leftoversIn(folder, "work-")).toEqual([]);
    await age(path, day + minute);
    expect(await leftoversIn(folder, "work-")).toEqual([{ path }]);
  });

  it("of another host is kept where the clock of this machine is ahead", async () => {
    const path = join(folder, `work-${"0".repeat(16)}.1.1.1.x`);
    await mkdir(path);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 400 * day });
    onTestFinished(() => void vi.useRealTimers());
    expect(await leftoversIn(folder, "work-")).toEqual([]);
    expect(await readdir(folder)).toEqual([basename(path)]);
  });

  it("is none of ours under another name", async () => {
    for (const name of ["work-", "work-mine", "work-abc.1.1.1.x", "work"]) {
      await mkdir(join(folder, name));
      await age(join(folder, name), 400 * day);
    }
    expect(await leftoversIn(folder, "work-")).toEqual([]);
  });
});

describe.runIf(hasContainers)("two containers with one host name and one folder", () => {
  it.each(["short", "long".repeat(30)])("keep each other's folders, and remove what a killed one left: %.5s path", async (name) => {
    const parent = join(folder, name);
    const [one, two] = [await owner(parent, container), await owner(parent, container)];
    for (const { path } of [one, two]) {
      expect(basename(path)).toMatch(/^work-[0-9a-f]{16}\.\d+\.1\./);
      await age(path, 400 * day);
    }
    expect(await leftoversIn(parent, "work-")).toEqual([]);
    const third = await owner(parent, container);
    expect((await readdir(parent)).sort()).toEqual([one, two, third].map(({ path }) => basename(path)).sort());
    await kill(one.process);
    expect(await leftoversIn(parent, "work-")).toEqual([{ path: one.path }]);
    // Younger than the time between creating a folder and binding its socket.
    await age(one.path, 0);
    expect(await leftoversIn(parent, "work-")).toEqual([]);
    await age(one.path, 2 * minute);
    await owner(parent, container);
    expect(await readdir(parent)).not.toContain(basename(one.path));
    expect(await readdir(parent)).toContain(basename(two.path));
  });
});
