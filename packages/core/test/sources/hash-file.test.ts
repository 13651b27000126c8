import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashFile } from "../../src/sources/hash-file.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-hash-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("hashFile", () => {
  it.each([0, 1, 1_000, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20 + 7])("gives the SHA-256 and the size of %i bytes", async (size) => {
    const bytes = randomBytes(size);
    await writeFile(join(folder, "file"), bytes);
    expect(await hashFile(join(folder, "file"))).toEqual({ size, sha256: createHash("sha256").update(bytes).digest("hex") });
  });

  it.each([10, 2 ** 21])("of %i bytes is not finished where it was aborted", async (size) => {
    await writeFile(join(folder, "file"), randomBytes(size));
    await expect(hashFile(join(folder, "file"), AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  });

  it("hashes files at the same time", async () => {
    const files = [2 ** 20 + 5, 3, 2 ** 21, 2 ** 20 - 1].map((size) => randomBytes(size));
    const paths = files.map((_, index) => join(folder, String(index)));
    await Promise.all(files.map((bytes, index) => writeFile(paths[index] ?? "", bytes)));
    const hashes = await Promise.all(paths.map((path) => hashFile(path)));
    expect(hashes).toEqual(files.map((bytes) => ({ size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") })));
  });

  it.skipIf(process.platform === "win32")("does not wait for a writer of a pipe", async () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect((await hashFile(join(folder, "pipe"))).size).toBe(0);
  });

  it("rejects with the system call where there is no file, or a folder", async () => {
    await expect(hashFile(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT", syscall: "open" });
    await expect(hashFile(folder)).rejects.toMatchObject({ code: "EISDIR", syscall: "read" });
  });
});
