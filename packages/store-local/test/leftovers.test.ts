import { access, mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { expect, it } from "vitest";
import { LocalStore } from "../src/index.js";
import { kill, messageOf, startChild } from "./start-child.js";
import { leftovers, temporaryRoot } from "./temporary-root.js";

it("stage removes the folders of killed processes and keeps those of processes that live", async () => {
  const root = await temporaryRoot();
  const store = new LocalStore(root);
  const [killed, alive] = [startChild("holdStaging", root), startChild("holdStaging", root)];
  const paths = (await Promise.all([killed, alive].map(messageOf))).map(({ path }) => String(path));
  const [killedPath = "", alivePath = ""] = paths;
  await writeFile(join(killedPath, "data"), "text");
  await kill(killed);
  await using staging = await store.stage();
  await access(staging.path);
  await access(alivePath);
  await expect(access(killedPath)).rejects.toMatchObject({ code: "ENOENT" });
  await kill(alive);
});

it("the first put of a store removes the temporary files and locks of killed processes", async () => {
  const root = await temporaryRoot();
  const holder = startChild("holdLock", root, ["key"]);
  const { pid } = await messageOf(holder);
  const [lock = ""] = await readdir(join(root, ".mlforge", "locks"));
  const [name = ""] = await readdir(join(root, ".mlforge", "locks", lock));
  expect(name.split(".")[2]).toBe(`${pid}`);
  await writeFile(join(root, ".mlforge", "tmp", name), "text");
  expect(await new LocalStore(root).leftovers()).toEqual([]);
  await kill(holder);
  await new LocalStore(root).put("other", new Uint8Array());
  expect(await leftovers(root)).toEqual([]);
});

it("leftovers names what killed processes left, and removes it on request", async () => {
  const root = await temporaryRoot();
  expect(await new LocalStore(root).leftovers()).toEqual([]);
  const [holder, killed, alive] = [startChild("holdLock", root, ["key"]), startChild("holdStaging", root), startChild("holdStaging", root)];
  const [, killedPath = "", alivePath = ""] = (await Promise.all([holder, killed, alive].map(messageOf))).map(({ path }) => String(path));
  const [lock = ""] = await readdir(join(root, ".mlforge", "locks"));
  const [name = ""] = await readdir(join(root, ".mlforge", "locks", lock));
  await writeFile(join(root, ".mlforge", "tmp", name), "text");
  await kill(holder);
  await kill(killed);
  const found = await new LocalStore(root).leftovers();
  expect(found.map(({ kind, location }) => `${kind} ${location}`).sort()).toEqual([
    `lock ${join(root, ".mlforge", "locks", lock, name)}`,
    ...[`staging ${dirname(killedPath)}`, `staging ${join(root, ".mlforge", "tmp", name)}`].sort(),
  ]);
  for (const { remove } of [...found, ...found]) await remove();
  expect(await leftovers(root)).toEqual([`staging/${basename(dirname(alivePath))}`]);
  await kill(alive);
});

it("what another host left is removed after a day", async () => {
  const root = await temporaryRoot();
  const store = new LocalStore(root);
  await (await store.stage())[Symbol.asyncDispose]();
  for (const name of ["0123456789abcdef.1.1.0.new", "0123456789abcdef.1.1.0.old"]) await mkdir(join(root, ".mlforge", "staging", name));
  const overADayAgo = Date.now() / 1_000 - 25 * 60 * 60;
  await utimes(join(root, ".mlforge", "staging", "0123456789abcdef.1.1.0.old"), overADayAgo, overADayAgo);
  await (await store.stage())[Symbol.asyncDispose]();
  expect(await leftovers(root)).toEqual(["staging/0123456789abcdef.1.1.0.new"]);
});
