import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import { interceptStore, memoryStore } from "@mlforge/testkit/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeDocument } from "../../src/log/document.js";
import { readMetadata } from "../../src/log/metadata.js";
import { readPointer } from "../../src/log/pointer.js";
import { observe, publish } from "../../src/log/publish.js";
import { rollBack } from "../../src/log/rollback.js";
import { resolveVersion } from "../../src/log/versions.js";
import { bytesOf, candidate, logOf } from "../log/candidates.js";
import { buildSmallStore, over } from "./small-store.js";

const numbers = ["1.0.0", "1.0.1", "1.0.2"];
const documents = ["f/_latest.json", ...numbers.flatMap((number) => [`f/${number}/.meta.json`, `f/${number}/.claim.json`])];

async function threeVersions(): Promise<Store> {
  const store = memoryStore();
  for (const commit of ["a", "b", "c"]) {
    const log = logOf(store, commit);
    await publish(log, candidate(log, { source: commit }), await observe(log));
  }
  return store;
}

async function textOf(store: Store, key: string): Promise<string> {
  return Buffer.from((await bytesOf(store, key)) ?? "").toString("utf8");
}

/** The keys of the documents that a read or a build refuses. */
async function refusedBy(store: Store): Promise<string[]> {
  const refused = new Set<string>();
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (isMlforgeError(error, "METADATA_INVALID", "LAYOUT_UNSUPPORTED")) refused.add(error.details.key);
      else if (!isMlforgeError(error, "VERSION_NOT_FOUND")) throw error;
    }
  };
  await attempt(resolveVersion(store, "f", "latest"));
  for (const number of numbers) await attempt(readMetadata(store, "f", number));
  const log = logOf(store, "next");
  await attempt(observe(log).then((observed) => publish(log, candidate(log, { source: "next" }), observed)));
  return [...refused];
}

const deep = "[".repeat(200_000) + "]".repeat(200_000);
const json = fc.oneof(
  fc.constantFrom("{}", "[]", "null", "7", '"text"', "", "{", '{"version":"1.0.2"}', '{"layout_version": 3}', `{"a":${deep}}`, deep),
  fc.json(),
);
/** Takes members away, or replaces them by other values. With a checksum, the document looks as if mlforge had written it. */
const edit = fc.record({
  without: fc.array(fc.nat(40), { maxLength: 3 }),
  replaced: fc.array(fc.tuple(fc.nat(40), fc.jsonValue()), { maxLength: 2 }),
  checksum: fc.constantFrom("new", "none", "old"),
});

function edited(text: string, { without, replaced, checksum }: typeof edit extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null) throw new Error("no document");
  const members = Object.entries(parsed).filter(([name]) => name !== "checksum");
  const kept = members
    .map(([name, value], index) => [name, replaced.find(([place]) => place === index)?.[1] ?? value] as const)
    .filter((_, index) => !without.includes(index));
  const value = Object.fromEntries(kept);
  if (checksum === "new") return encodeDocument(value);
  return Buffer.from(JSON.stringify(checksum === "none" ? value : { ...value, checksum: "0".repeat(64) }));
}

describe("whatever a build or a read refuses", () => {
  it("is reported by verify, with its file and how to fix it", async () => {
    const changes = fc.array(fc.tuple(fc.constantFrom(...documents), fc.oneof(json, edit)), { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const store = await threeVersions();
        for (const [key, change] of changed) {
          const whole = await textOf(await threeVersions(), key);
          await store.put(key, typeof change === "string" ? Buffer.from(change) : edited(whole, change));
        }
        const { problems } = await over(store).store.verify();
        for (const problem of problems) expect(problem.fix).toMatch(/\w/);
        const reported = problems.map((problem) => problem.key);
        for (const key of await refusedBy(store)) expect(reported).toContain(key);
      }),
      { numRuns: 150 },
    );
  });

  it.each(["{}", "[]", '{"version":"1.0.2"}', `{"logic":${deep}}`])("is reported where the latest metadata is %.20s", async (text) => {
    const store = await threeVersions();
    await store.put("f/1.0.2/.meta.json", Buffer.from(text));
    expect(await refusedBy(store)).toEqual(["f/1.0.2/.meta.json"]);
    const { problems } = await over(store).store.verify();
    expect(problems).toMatchObject([
      { kind: "metadata-invalid", key: "f/1.0.2/.meta.json", fix: expect.stringContaining("rollback f 1.0.1") },
    ]);
    // The fix holds: the feature can be read and built again.
    const log = logOf(store, "fix");
    await rollBack(log, { to: { version: "1.0.1" }, reason: "damaged", hold: false, dryRun: false });
    await publish(log, candidate(log, { source: "next" }), await observe(log));
    expect((await readPointer(store, "f"))?.value.version).toBe("1.0.3");
  });

  it("is refused as nested too deeply, also with a right checksum", async () => {
    const store = await threeVersions();
    const whole = await textOf(store, "f/1.0.2/.meta.json");
    await store.put("f/1.0.2/.meta.json", Buffer.from(whole.replace("{", `{"x": ${deep},`)));
    await expect(readMetadata(store, "f", "1.0.2")).rejects.toMatchObject({
      code: "METADATA_INVALID",
      details: { problems: ["its values are nested more than 500 levels deep"] },
    });
  });

  it("is a problem of one file where a store denies it, and the others are verified", async () => {
    const denied = [...documents, "f/1.0.1/data.parquet"].map((key) => ["STORE_ACCESS_DENIED", key] as const);
    for (const [code, key] of [...denied, ["STORE_UNAVAILABLE", "f/_latest.json"] as const]) {
      const store = interceptStore(await threeVersions(), ({ operation }) => {
        if (operation.name === "get" && operation.key === key)
          throw new MlforgeError(code, "denied", { store: "memory", operation: "get", key });
      });
      const { problems } = await over(store).store.verify();
      expect(problems.filter((problem) => problem.kind === "unreadable").map((problem) => problem.key)).toEqual([key]);
    }
  });

  it.runIf(process.platform === "linux")("is named where a folder has a file that this user cannot read", async () => {
    await using small = await buildSmallStore();
    const key = "totals/1.0.1/.meta.json";
    const isRoot = process.geteuid?.() === 0;
    await chmod(join(small.root, ".."), 0o755);
    await chmod(join(small.root, key), 0o000);
    if (isRoot) process.seteuid?.(65_534);
    try {
      const { problems } = await over(small.store).store.verify({ quick: true });
      expect(problems).toMatchObject([{ kind: "unreadable", key, fix: expect.stringContaining("read access") }]);
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(join(small.root, key), 0o644);
    }
  });
});
