import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { ownerName } from "@mlforge/spec/ownership";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CacheLease, FileCache } from "../../src/sources/file-cache.js";

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "mlforge-cache-"));
});
afterEach(() => rm(path, { recursive: true, force: true }));

const size = 100_000;

async function fill(cache: FileCache, id: string, start: number, end: number, value = 7): Promise<void> {
  await using lease = await cache.open(id, size);
  await write(lease, start, new Uint8Array(end - start).fill(value));
}

async function damage(id: string, place: number): Promise<void> {
  const entry = join(path, "files", id);
  const data = join(entry, (await readdir(entry)).find((name) => name.endsWith(".data")) ?? "");
  const bytes = await readFile(data);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(data, bytes, { flag: "r+" });
}

async function write({ file }: CacheLease, start: number, bytes: Uint8Array): Promise<void> {
  await file.write(bytes, start);
  file.filled([{ start, end: start + bytes.length, crc32: crc32(bytes) }]);
}

describe("the cache of files", () => {
  it("remembers across instances which bytes are there", async () => {
    await using first = new FileCache({ path });
    await fill(first, "a", 10, 20);
    await fill(first, "a", 50, 60);
    await using second = new FileCache({ path });
    await using lease = await second.open("a", size);
    expect(await lease.file.missing([{ start: 0, end: 100 }])).toEqual([
      { start: 0, end: 10 },
      { start: 20, end: 50 },
      { start: 60, end: 100 },
    ]);
    expect([...(await lease.file.read({ start: 9, end: 12 }))]).toEqual([0, 7, 7]);
    expect((await stat(lease.file.path)).size).toBe(size);
  });

  it("remembers also what is so much that the disk gets to work before the end", async () => {
    const [part, parts] = [new Uint8Array(24 * 1024 * 1024).fill(7), [0, 1, 2, 3]];
    const whole = [{ start: 0, end: part.length * parts.length }];
    await using cache = new FileCache({ path });
    const written = await cache.open("a", part.length * parts.length);
    await Promise.all(parts.map((index) => write(written, index * part.length, part)));
    await written[Symbol.asyncDispose]();
    await using lease = await new FileCache({ path }).open("a", part.length * parts.length);
    expect(await lease.file.missing(whole)).toEqual([]);
    expect(Buffer.from(await lease.file.read({ start: 0, end: part.length })).equals(part)).toBe(true);
  });

  it("fetches again the piece that is damaged, and no other", async () => {
    for (const [place, lost] of [
      [10, [{ start: 10, end: 600 }]],
      [599, [{ start: 10, end: 600 }]],
      [600, [{ start: 600, end: 1_000 }]],
      [999, [{ start: 600, end: 1_000 }]],
      [1_000, []],
      [9, []],
    ] as const) {
      const id = `damaged${place}`;
      await using first = new FileCache({ path });
      await fill(first, id, 10, 600);
      await fill(first, id, 600, 1_000);
      await damage(id, place);
      const wanted = [{ start: 10, end: 1_000 }];
      await using second = new FileCache({ path });
      {
        await using lease = await second.open(id, size);
        expect(await lease.file.missing(wanted), `${place}`).toEqual(lost);
        for (const { start, end } of lost) await write(lease, start, new Uint8Array(end - start).fill(7));
        expect(await lease.file.missing(wanted)).toEqual([]);
      }
      await using third = new FileCache({ path });
      await using lease = await third.open(id, size);
      expect(await lease.file.missing(wanted)).toEqual([]);
    }
  });

  it("checks no piece that nobody needs", async () => {
    await using cache = new FileCache({ path });
    await fill(cache, "a", 0, 100);
    await fill(cache, "a", 100, 200);
    await damage("a", 150);
    await using other = new FileCache({ path });
    await using lease = await other.open("a", size);
    expect(await lease.file.missing([{ start: 0, end: 100 }])).toEqual([]);
    expect(await lease.file.missing([{ start: 0, end: 200 }])).toEqual([{ start: 100, end: 200 }]);
  });

  it("is private to the user", async () => {
    await using cache = new FileCache({ path: join(path, "new") });
    await fill(cache, "a", 0, 10);
    for (const folder of ["files", "uses", "unfinished"]) expect((await stat(join(path, "new", folder))).mode & 0o77).toBe(0);
  });

  it("removes what was not used for longest when it is full, and takes nothing from who uses it", async () => {
    await using cache = new FileCache({ path, maxBytes: 150 });
    await using used = await cache.open("a", size);
    await write(used, 0, new Uint8Array(100).fill(1));
    await fill(new FileCache({ path }), "a", 0, 100, 1);
    await fill(cache, "b", 0, 100, 2);
    await fill(cache, "c", 0, 40, 3);
    expect((await readdir(join(path, "files"))).sort()).toEqual(["b", "c"]);
    expect([...(await used.file.read({ start: 0, end: 3 }))]).toEqual([1, 1, 1]);
    expect([...(await readFile(used.file.path)).subarray(0, 2)]).toEqual([1, 1]);
  });

  it("does not believe a record of another generation, a torn one, or a file of another size", async () => {
    await using cache = new FileCache({ path });
    await fill(cache, "a", 0, 100);
    const [record = ""] = (await readdir(join(path, "files", "a"))).filter((name) => name.endsWith(".json"));
    await writeFile(join(path, "files", "a", record), '{"ranges": [[0, 10');
    {
      await using lease = await cache.open("a", size);
      expect(await lease.file.missing([{ start: 0, end: 5 }])).toHaveLength(1);
    }
    await using other = await cache.open("a", 5);
    expect((await stat(other.file.path)).size).toBe(5);
  });

  it("makes a new entry where somebody left an empty or strange one", async () => {
    await using cache = new FileCache({ path });
    await mkdir(join(path, "files", "empty"), { recursive: true });
    await mkdir(join(path, "files", "strange", "folder"), { recursive: true });
    await fill(cache, "empty", 0, 10);
    await fill(cache, "strange", 0, 10);
  });

  it("says what to do where its folder cannot be", async () => {
    await writeFile(join(path, "file"), "");
    await using cache = new FileCache({ path: join(path, "file", "below") });
    await expect(cache.open("a", size)).rejects.toMatchObject({
      code: "USAGE_INVALID",
      message: expect.stringContaining("pass cache: { path }"),
      details: { argument: "cache.path" },
    });
  });

  it("gives several users of one process the same file, and the last one lets it go", async () => {
    await using cache = new FileCache({ path });
    const [one, two] = await Promise.all([cache.open("a", size), cache.open("a", size)]);
    expect(one.file).toBe(two.file);
    await one[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await two.file.write(new Uint8Array(1), 0);
    const { path: link } = two.file;
    await two[Symbol.asyncDispose]();
    await expect(stat(link)).rejects.toThrow("ENOENT");
  });

  it("removes what processes left that have ended, and nothing of those that live", async () => {
    const [boot, namespace, pid, start] = (await ownerName()).split(".");
    // The largest process number of Linux is below this one.
    const [dead, alive] = [`${boot}.${namespace}.99999999.1.x`, `${boot}.${namespace}.${pid}.${start}.x`];
    for (const name of [dead, alive]) await mkdir(join(path, "uses", name), { recursive: true });
    await using cache = new FileCache({ path });
    await fill(cache, "a", 0, 1);
    const left = await readdir(join(path, "uses"));
    expect(left).not.toContain(dead);
    expect(left).toContain(alive);
  });
});
