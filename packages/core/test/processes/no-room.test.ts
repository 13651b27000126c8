import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const child = fileURLToPath(new URL("full-child.mjs", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-full-"));
  const lines = Array.from({ length: 20_000 }, (_, id) => `${id},${createHash("sha256").update(String(id)).digest("hex")}`);
  await writeFile(join(folder, "rows.csv"), `id,text\n${lines.join("\n")}\n`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Builds in a process whose files may have no more than 100 blocks, as on a volume that is full. */
function failuresOf(store: string): unknown {
  const limited = ["-c", 'ulimit -f 100 && exec "$0" "$@"', process.execPath, child, store, join(folder, "rows.csv")];
  const { stdout, stderr } = spawnSync("sh", limited, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("a volume without room", () => {
  it("of the store is told as such, and nothing stays in it", async () => {
    const store = join(folder, "store");
    const message = expect.stringMatching(
      /no space left for the rows of feature ".*" in .*store.*free some space or choose another volume/,
    );
    expect(failuresOf(store)).toEqual([
      { feature: "by_engine", code: "STORE_FULL", message },
      { feature: "by_function", code: "STORE_FULL", message },
    ]);
    expect(await readdir(join(store, ".mlforge/staging"))).toEqual([]);
  });

  it("of the temporary folder, where the store stages nothing itself, is not the store's", () => {
    const message = expect.stringMatching(/no space left for the rows of feature ".*" in .*; free some space, or set TMPDIR/);
    expect(failuresOf("memory")).toEqual([
      { feature: "by_engine", code: "ENGINE_RESOURCES_EXHAUSTED", message },
      { feature: "by_function", code: "ENGINE_RESOURCES_EXHAUSTED", message },
    ]);
  });
});
