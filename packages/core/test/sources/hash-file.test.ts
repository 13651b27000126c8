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

  it("rejects with the system call where there is no file, or a folder", async () => {
    await expect(hashFile(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT", syscall: "open" });
    await expect(hashFile(folder)).rejects.toMatchObject({ code: "EISDIR", syscall: "read" });
  });
});
