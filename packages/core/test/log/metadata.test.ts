import { isMlforgeError, type Store } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import { beforeEach, describe, expect, it } from "vitest";
import { readMetadata } from "../../src/log/metadata.js";
import { readPointer } from "../../src/log/pointer.js";
import { observe, publish } from "../../src/log/publish.js";
import { bytesOf, candidate, logOf } from "./candidates.js";

let store: Store;
/** As it was written, and without the checksum. */
let written: Record<string, unknown>;
let good: Record<string, unknown>;

beforeEach(async () => {
  store = memoryStore();
  const log = logOf(store, "a");
  await publish(log, candidate(log), await observe(log));
  written = JSON.parse(Buffer.from((await bytesOf(store, "f/1.0.0/.meta.json")) ?? []).toString());
  const { checksum: _, ...rest } = written;
  good = rest;
});

async function overwrite(key: string, text: string | object): Promise<void> {
  await store.put(key, new TextEncoder().encode(typeof text === "string" ? text : JSON.stringify(text)));
}

async function problemsOf(reading: Promise<unknown>): Promise<readonly string[]> {
  try {
    await reading;
  } catch (error) {
    if (isMlforgeError(error, "METADATA_INVALID")) return error.details.problems;
    throw error;
  }
  throw new Error("it was read");
}

describe("metadata that cannot be trusted", () => {
  it("is refused where it is truncated at any byte", async () => {
    const text = JSON.stringify(good);
    for (let length = 0; length < text.length; length += 7) {
      await overwrite("f/1.0.0/.meta.json", text.slice(0, length));
      expect(await problemsOf(readMetadata(store, "f", "1.0.0"))).toHaveLength(1);
    }
  });

  it("is refused where it is of another shape, with every problem at once", async () => {
    const { commit_id: _, ...rest } = good;
    await overwrite("f/1.0.0/.meta.json", {
      ...rest,
      row_count: -1,
      keys: [],
      files: [{ path: "../../etc/passwd", size: 1, sha256: "x" }],
    });
    const problems = await problemsOf(readMetadata(store, "f", "1.0.0"));
    for (const part of ["commit_id", "row_count", "keys", "files.0.path", "files.0.sha256"]) {
      expect(
        problems.some((problem) => problem.startsWith(part)),
        `${part} in ${problems.join("; ")}`,
      ).toBe(true);
    }
  });

  it("is refused where the results of its validators are of another shape", async () => {
    const rule = { name: "notNull(k)", rule: "notNull", column: "k", severity: "error", rows: 1, failed: 0, tolerated: 0, passed: true };
    await overwrite("f/1.0.0/.meta.json", { ...good, validation: [rule, { ...rule, failed: -1, severity: "fatal" }] });
    const problems = await problemsOf(readMetadata(store, "f", "1.0.0"));
    expect(problems.map((problem) => problem.split(":")[0])).toEqual(["validation.1.severity", "validation.1.failed"]);
    await overwrite("f/1.0.0/.meta.json", { ...good, validation: [rule] });
    expect((await readMetadata(store, "f", "1.0.0"))?.validation).toEqual([rule]);
  });

  it.each([
    ["[]", "it is an array instead of an object"],
    ["null", "it is null instead of an object"],
    ['"text"', "it is a string instead of an object"],
    ["7", "it is a number instead of an object"],
  ])("says first that it is no object where it is %s", async (text, problem) => {
    await overwrite("f/1.0.0/.meta.json", text);
    expect(await problemsOf(readMetadata(store, "f", "1.0.0"))).toEqual([problem]);
  });

  it("shows three of its problems and counts the others, which are in the details", async () => {
    await overwrite("f/1.0.0/.meta.json", {});
    const error: unknown = await readMetadata(store, "f", "1.0.0").catch((reason: unknown) => reason);
    if (!isMlforgeError(error, "METADATA_INVALID")) throw error;
    const { problems } = error.details;
    expect(problems.length).toBeGreaterThan(15);
    expect(error.message).toBe(
      `"f/1.0.0/.meta.json" cannot be read as mlforge metadata: ${problems.slice(0, 3).join("; ")} and ${problems.length - 3} more; ` +
        "restore it from Git or a backup",
    );
  });

  it.each(["[]", "null", '"text"', "{}", "\u0000", '{"version": "1.0.0"}'])("is refused where it is %j", async (text) => {
    await overwrite("f/1.0.0/.meta.json", text);
    expect((await problemsOf(readMetadata(store, "f", "1.0.0"))).length).toBeGreaterThan(0);
  });

  it("is refused where it belongs to another version", async () => {
    await overwrite("f/1.0.0/.meta.json", { ...good, version: "1.0.1" });
    expect(await problemsOf(readMetadata(store, "f", "1.0.0"))).toEqual(["it is the metadata of f 1.0.1"]);
  });

  it("is refused where any of its values was altered, however well it reads", async () => {
    const altered = ["it was changed after it was written: its checksum does not match"];
    await overwrite("f/1.0.0/.meta.json", written);
    expect((await readMetadata(store, "f", "1.0.0"))?.commit_id).toBe("a");
    for (const change of [{ row_count: 8 }, { tags: ["another"] }, { description: "new" }, { checksum: "0".repeat(64) }]) {
      await overwrite("f/1.0.0/.meta.json", { ...written, ...change });
      expect(await problemsOf(readMetadata(store, "f", "1.0.0"))).toEqual(altered);
    }
  });

  it("asks for an upgrade where its layout is newer, whatever else it says", async () => {
    await overwrite("f/1.0.0/.meta.json", { layout_version: 3, everything: "else" });
    await expect(readMetadata(store, "f", "1.0.0")).rejects.toSatisfy(
      (error) => isMlforgeError(error, "LAYOUT_UNSUPPORTED") && error.details.found === 3 && error.details.supported === 2,
    );
  });

  it("may carry names we do not know", async () => {
    await overwrite("f/1.0.0/.meta.json", { ...good, added_by: "somebody" });
    expect((await readMetadata(store, "f", "1.0.0"))?.commit_id).toBe("a");
  });
});

describe("pointers", () => {
  it("of mlforge for Python, which hold a version alone, are read", async () => {
    await overwrite("f/_latest.json", { version: "1.0.0" });
    expect((await readPointer(store, "f"))?.value).toEqual({ version: "1.0.0", seq: 0, history: [] });
  });

  it.each(["{", "{}", '{"version":"../1.0.0"}', '{"version":"1.0"}'])("such as %j are refused", async (text) => {
    await overwrite("f/_latest.json", text);
    expect((await problemsOf(readPointer(store, "f"))).length).toBeGreaterThan(0);
  });
});
