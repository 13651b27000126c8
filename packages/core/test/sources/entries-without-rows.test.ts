import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matchingFiles, Skipped } from "../../src/sources/matching-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-entries-"));
  await writeFile(join(folder, "a.csv"), "k\n1\n");
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const find = (pattern: string): Promise<readonly string[]> => matchingFiles("rows", join(folder, pattern), new Skipped());

describe("what a pattern matches beside files", () => {
  it.each<readonly [string, (path: string) => Promise<unknown>, RegExp]>([
    ["a link to nothing", (path) => symlink("nowhere", path), /is a broken link/],
    ["a pipe", async (path) => execFileSync("mkfifo", [path]), /is not a file/],
    ["a folder that a cluster wrote", (path) => mkdir(path), /is a folder; to read its files, .*b\.csv\/\*\.csv/],
    ["a link to a folder", (path) => symlink(".", path), /is a folder/],
  ])("is refused: %s", async (_, make, message) => {
    await make(join(folder, "b.csv"));
    await expect(find("*.csv")).rejects.toMatchObject({ code: "SOURCE_UNREADABLE", message: expect.stringMatching(message) });
    await expect(find("**/*.csv")).rejects.toMatchObject({ code: "SOURCE_UNREADABLE" });
  });

  it("is passed over where it is hidden, a folder of a pattern without an ending, or a link to a file", async () => {
    await mkdir(join(folder, "sub"));
    await symlink("nowhere", join(folder, "_b.csv"));
    await symlink("a.csv", join(folder, "c.csv"));
    expect(await find("*")).toHaveLength(2);
    expect(await find("*.csv")).toHaveLength(2);
  });
});
