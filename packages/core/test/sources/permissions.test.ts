import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matchingFiles, Skipped } from "../../src/sources/matching-files.js";
import { RecordedHashes } from "../../src/sources/recorded-hashes.js";
import { findSourceFiles } from "../../src/sources/source-files.js";
import { SourceHashes } from "../../src/sources/source-hashes.js";

const nobody = 65_534;

/** Runs work as a user who has to keep to permissions, which root does not. */
async function asUser<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe.runIf(process.platform !== "win32")("a source without permission", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-permissions-"));
    await chmod(folder, 0o755);
    for (const name of ["a", "b", "_c"]) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, "1.csv"), "k\n1\n");
    }
  });
  afterEach(async () => {
    for (const name of ["a", "b", "_c"]) await chmod(join(folder, name), 0o755);
    await rm(folder, { recursive: true, force: true });
  });

  const find = (path: string) => findSourceFiles({ name: "rows", paths: [join(folder, path)] }, place);
  // Local files need nothing of it.
  const place = {} as Parameters<typeof findSourceFiles>[1];

  it.each(["*/*.csv", "**/*.csv", "b/*.csv"])("to list a folder is refused: %s", async (pattern) => {
    await chmod(join(folder, "b"), 0);
    await expect(asUser(() => find(pattern))).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringMatching(
        /^source "rows": ".*b" cannot be listed: EACCES: .*; check its permissions, or give the source a pattern/,
      ),
      details: { source: "rows", path: join(folder, "b") },
    });
  });

  it("to list a hidden folder, or one that the pattern does not lead into, is read", async () => {
    await chmod(join(folder, "_c"), 0);
    expect(await asUser(() => matchingFiles("rows", join(folder, "*/*.csv"), new Skipped()))).toHaveLength(2);
    await chmod(join(folder, "b"), 0);
    expect((await asUser(() => find("a/*.csv"))).files).toHaveLength(1);
  });

  it("to look into a folder is not missing", async () => {
    await chmod(join(folder, "b"), 0);
    await expect(asUser(() => find("b/1.csv"))).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringMatching(/1\.csv" cannot be read: EACCES: .*; check the path and its permissions/),
    });
    await expect(asUser(() => find("d/1.csv"))).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
  });

  it("to read a file is refused, and a file that was deleted has changed", async () => {
    const found = await find("a/1.csv");
    const hashes = (): SourceHashes => new SourceHashes(new RecordedHashes(join(folder, "cache")), false);
    await chmod(join(folder, "a/1.csv"), 0);
    await expect(asUser(() => hashes().of([found]))).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringMatching(/1\.csv" cannot be read: EACCES: /),
    });
    await rm(join(folder, "a/1.csv"));
    await expect(hashes().of([found])).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });
});

describe("a path that is not a file", () => {
  it.each([
    ["folder.csv", "folder.csv/*.csv"],
    ["folder", "folder/*.parquet"],
  ])("is refused with the pattern that reads the folder: %s", async (name, pattern) => {
    const folder = await mkdtemp(join(tmpdir(), "mlforge-folder-"));
    await mkdir(join(folder, name));
    const place = {} as Parameters<typeof findSourceFiles>[1];
    await expect(findSourceFiles({ name: "rows", paths: [join(folder, name)] }, place)).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: `source "rows": "${join(folder, name)}" is a folder; to read its files, change the path of the source to ${join(folder, pattern)}`,
    });
    await rm(folder, { recursive: true });
  });
});
