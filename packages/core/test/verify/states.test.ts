import type { Store } from "@mlforge/spec";
import { interceptStore, memoryStore } from "@mlforge/testkit/store";
import { describe, expect, it } from "vitest";
import { claimVersion } from "../../src/log/claim.js";
import { encodeDocument } from "../../src/log/document.js";
import { writeGitignore } from "../../src/log/gitignore.js";
import { claimKey, dataKey, gitignoreKey, metadataKey, pointerKey } from "../../src/log/keys.js";
import { type PointerChange, readPointer, swapPointer } from "../../src/log/pointer.js";
import { observe, publish } from "../../src/log/publish.js";
import { bytesOf, candidate, logOf } from "../log/candidates.js";
import { over, problemsOf } from "./small-store.js";

const day = 24 * 60 * 60 * 1_000;
const hint = (kind: string, key: string) => ({ kind, key });

async function build(store: Store, commitId: string, options: Parameters<typeof candidate>[1] = {}, feature = "f"): Promise<void> {
  const log = logOf(store, commitId, feature);
  await publish(log, candidate(log, { source: commitId, ...options }), await observe(log));
}

/** A store with three versions of a feature. */
async function threeVersions(): Promise<Store> {
  const store = memoryStore();
  for (const commit of ["a", "b", "c"]) await build(store, commit);
  return store;
}

async function move(
  store: Store,
  change: Omit<PointerChange, "move"> & { kind: PointerChange["move"]["kind"]; version: string },
): Promise<void> {
  const { kind, version, ...rest } = change;
  const made = { kind, version, at: "2026-01-01T00:00:00.000Z", by: "ada", reason: "", commit_id: `${kind} ${version}` };
  await swapPointer(store, "f", await readPointer(store, "f"), { move: made, ...rest });
}

async function remove(store: Store, ...keys: string[]): Promise<void> {
  for (const key of keys) await store.delete(key);
}

describe("a claim without metadata", () => {
  const claim = { feature: "f", version: "1.0.3" };
  const claimedAt = new Date("2026-03-01T12:00:00.000Z");
  const claimer = { commitId: "d", by: "ada", at: claimedAt.toISOString() };

  it("is a note for a day and a problem from then on, also with data", async () => {
    const store = memoryStore({ now: () => claimedAt });
    for (const commit of ["a", "b", "c"]) await build(store, commit);
    await claimVersion(store, claim, claimer);
    for (const files of [[], ["data.parquet"]]) {
      for (const file of files) await store.put(dataKey("f", "1.0.3", file), Buffer.from("part"));
      const young = await over(store, () => new Date(claimedAt.getTime() + day - 1)).store.verify();
      expect(young.problems).toEqual([]);
      expect(young.notes).toMatchObject([hint("build-running", claimKey("f", "1.0.3"))]);
      const old = await over(store, () => new Date(claimedAt.getTime() + day)).store.verify();
      expect(old.problems).toMatchObject([{ ...hint("claim-abandoned", claimKey("f", "1.0.3")), feature: "f", version: "1.0.3" }]);
      expect(old.problems[0]?.fix).toContain("mlforge prune");
      expect(old.notes).toEqual([]);
    }
  });

  it("is as old as its object where its own time is none or in the future", async () => {
    for (const at of ["2999-01-01T00:00:00.000Z", "yesterday"]) {
      const store = memoryStore({ now: () => claimedAt });
      await claimVersion(store, claim, { ...claimer, at });
      expect((await over(store, () => new Date(claimedAt.getTime() + day)).store.verify()).problems).toMatchObject([
        { kind: "claim-abandoned" },
      ]);
      expect((await over(store, () => claimedAt).store.verify()).notes).toMatchObject([{ kind: "build-running" }]);
    }
  });

  it("is none of a pruned number, and a version that was latest is lost however young its claim is", async () => {
    const store = await threeVersions();
    await move(store, { kind: "prune", version: "1.0.2", pruned: ["1.0.0"] });
    await remove(store, metadataKey("f", "1.0.0"), dataKey("f", "1.0.0"), metadataKey("f", "1.0.1"));
    const { problems, notes } = await over(store).store.verify();
    expect(problems).toMatchObject([hint("metadata-missing", metadataKey("f", "1.0.1"))]);
    expect(notes).toEqual([]);
  });

  it("belongs where it lies", async () => {
    const store = await threeVersions();
    await claimVersion(store, claim, claimer);
    const bytes = (await bytesOf(store, claimKey("f", "1.0.3"))) ?? new Uint8Array();
    await store.put(claimKey("f", "1.0.4"), bytes);
    await store.put(claimKey("f", "1.0.3"), Buffer.from("{}"));
    const { problems } = await over(store, () => claimedAt).store.verify();
    expect(problems).toMatchObject([hint("claim-invalid", claimKey("f", "1.0.3")), hint("claim-misplaced", claimKey("f", "1.0.4"))]);
  });
});

describe("a pruned version", () => {
  it("may have files left, which is a note", async () => {
    const store = await threeVersions();
    await move(store, { kind: "prune", version: "1.0.2", pruned: ["1.0.0", "1.0.1"] });
    await remove(store, metadataKey("f", "1.0.0"));
    const { problems, notes } = await over(store).store.verify();
    expect(problems).toEqual([]);
    expect(notes.map(({ kind, version, message }) => [kind, version, message.slice(0, 8)])).toEqual([
      ["pruned-remains", "1.0.0", "1 files "],
      ["pruned-remains", "1.0.1", "2 files "],
    ]);
  });
});

describe("a pointer", () => {
  it("may have been rolled back, held and released", async () => {
    const store = await threeVersions();
    await move(store, { kind: "rollback", version: "1.0.0" });
    await move(store, { kind: "hold", version: "1.0.0", held: true });
    await build(store, "d");
    await move(store, { kind: "release", version: "1.0.0", held: false });
    expect(await problemsOf(store)).toEqual([]);
  });

  it("may have more moves than it remembers", async () => {
    const store = await threeVersions();
    const pointer = (await readPointer(store, "f"))?.value;
    const [newest] = pointer?.history ?? [];
    const history = Array.from({ length: 1_000 }, (_, index) => ({ ...newest, seq: 1_004 - index }));
    await store.put(pointerKey("f"), encodeDocument({ ...pointer, seq: 1_004, history }));
    await move(store, { kind: "rollback", version: "1.0.0" });
    expect((await readPointer(store, "f"))?.value).toMatchObject({ seq: 1_005, history: { length: 1_000 } });
    expect(await problemsOf(store)).toEqual([]);
  });

  it("is missed where versions are there, and the mend names the highest", async () => {
    const store = await threeVersions();
    await remove(store, pointerKey("f"));
    const { problems } = await over(store).store.verify();
    expect(problems).toMatchObject([
      { ...hint("pointer-missing", pointerKey("f")), fix: expect.stringContaining("mlforge rollback f 1.0.2") },
    ]);
  });

  it("names a version that is there and not pruned", async () => {
    const store = await threeVersions();
    await move(store, { kind: "prune", version: "1.0.2", pruned: ["1.0.2"] });
    expect(await problemsOf(store)).toEqual(["pointer-pruned f/_latest.json"]);
    const other = await threeVersions();
    await remove(other, metadataKey("f", "1.0.2"), dataKey("f", "1.0.2"), claimKey("f", "1.0.2"));
    expect(await problemsOf(other)).toEqual(["metadata-missing f/1.0.2/.meta.json"]);
  });

  it("has a history without gaps that ends with what it names", async () => {
    const pointer = (await readPointer(await threeVersions(), "f"))?.value;
    if (pointer === undefined) throw new Error("no pointer");
    for (const altered of [
      { ...pointer, version: "1.0.1" },
      { ...pointer, seq: 4 },
      { ...pointer, history: pointer.history.slice(0, 2) },
      { ...pointer, history: [pointer.history[0], pointer.history[2], pointer.history[1]] },
      { ...pointer, history: [] },
    ]) {
      const store = await threeVersions();
      await store.put(pointerKey("f"), encodeDocument(altered));
      const found = await problemsOf(store);
      expect(new Set(found)).toEqual(new Set(["pointer-history f/_latest.json"]));
    }
  });

  it("of mlforge for Python says the version alone, and that is right", async () => {
    const store = await threeVersions();
    await store.put(pointerKey("f"), Buffer.from('{\n  "version": "1.0.2"\n}'));
    expect(await problemsOf(store)).toEqual([]);
    await store.put(pointerKey("f"), Buffer.from('{"version": "1.0.9"}'));
    expect(await problemsOf(store)).toEqual(["metadata-missing f/1.0.9/.meta.json"]);
    await store.put(pointerKey("f"), Buffer.from('{"version": "newest"}'));
    expect(await problemsOf(store)).toEqual(["pointer-invalid f/_latest.json"]);
  });

  it("with anything more than that has a checksum", async () => {
    const store = await threeVersions();
    await store.put(pointerKey("f"), Buffer.from('{"version": "1.0.2", "seq": 0}'));
    expect(await problemsOf(store)).toEqual(["pointer-invalid f/_latest.json"]);
  });
});

describe("metadata", () => {
  it("of mlforge for Python is one problem, because builds refuse it, and its data is not judged", async () => {
    const store = memoryStore();
    const python = {
      ...{ name: "old", version: "1.0.0", path: "feature_store/old/1.0.0/data.parquet", entity: "k", keys: ["k"], source: "a.parquet" },
      ...{ row_count: 1, created_at: "2026-01-15T10:07:00.473482Z", columns: [{ name: "k", dtype: "int64" }] },
    };
    await store.put(metadataKey("old", "1.0.0"), Buffer.from(JSON.stringify(python)));
    await store.put(dataKey("old", "1.0.0"), Buffer.from("rows"));
    await store.put(pointerKey("old"), Buffer.from('{"version": "1.0.0"}'));
    await store.put("manifest.json", Buffer.from('{"version": "1.0", "features": {}}'));
    expect(await problemsOf(store)).toEqual(["python-metadata old/1.0.0/.meta.json"]);
  });

  it("of a newer mlforge asks for that", async () => {
    const store = await threeVersions();
    const text = Buffer.from((await bytesOf(store, metadataKey("f", "1.0.0"))) ?? "").toString("utf8");
    await store.put(metadataKey("f", "1.0.0"), Buffer.from(text.replace('"layout_version": 1', '"layout_version": 3')));
    const { problems } = await over(store).store.verify();
    expect(problems).toMatchObject([{ ...hint("layout-unsupported", metadataKey("f", "1.0.0")), fix: expect.stringContaining("Upgrade") }]);
  });

  it("that somebody wrote anew, checksum and all, is not taken for that of another version", async () => {
    const store = await threeVersions();
    const json: unknown = JSON.parse(Buffer.from((await bytesOf(store, metadataKey("f", "1.0.0"))) ?? "").toString("utf8"));
    if (typeof json !== "object" || json === null || !("checksum" in json)) throw new Error("no metadata");
    const { checksum: _, ...value } = json;
    await store.put(metadataKey("f", "1.0.0"), encodeDocument({ ...value, path: "g/1.0.0/data.parquet" }));
    expect(await problemsOf(store)).toEqual(["metadata-misplaced f/1.0.0/.meta.json"]);
  });
});

describe("a .gitignore", () => {
  it("is wanted in a working tree only, and is what mlforge writes wherever it is", async () => {
    const store = await threeVersions();
    const tree = Object.assign(await threeVersions(), { capabilities: { ...store.capabilities, workingTree: true } });
    expect(await problemsOf(store)).toEqual([]);
    expect(await problemsOf(tree)).toEqual(["gitignore-missing f/.gitignore"]);
    await writeGitignore(tree, "f");
    expect(await problemsOf(tree)).toEqual([]);
    for (const wrong of ["", "*\n", "*\n".repeat(10_000)]) {
      await store.put(gitignoreKey("f"), Buffer.from(wrong));
      expect(await problemsOf(store)).toEqual(["gitignore-altered f/.gitignore"]);
    }
  });
});

describe("a store that changes while it is verified", () => {
  it("is sound while builds publish at every step of it", async () => {
    const inner = await threeVersions();
    const steps = await countSteps(inner);
    for (let step = 0; step < steps; step++) {
      const changing = await threeVersions();
      const store = interceptStore(changing, async ({ phase, operation }) => {
        if (phase === "before" && operation.index === step) await build(changing, `rival ${step}`);
      });
      expect((await over(store).store.verify()).problems).toEqual([]);
    }
  });

  it("is sound while versions are pruned at every step of it", async () => {
    const steps = await countSteps(await threeVersions());
    for (let step = 0; step < steps; step++) {
      const changing = await threeVersions();
      const store = interceptStore(changing, async ({ phase, operation }) => {
        if (phase !== "before" || operation.index !== step) return;
        await move(changing, { kind: "prune", version: "1.0.2", pruned: ["1.0.0"] });
        await remove(changing, metadataKey("f", "1.0.0"), dataKey("f", "1.0.0"));
      });
      expect((await over(store).store.verify()).problems).toEqual([]);
    }
  });

  async function countSteps(inner: Store): Promise<number> {
    let calls = 0;
    await over(
      interceptStore(inner, ({ phase }) => {
        if (phase === "before") calls++;
      }),
    ).store.verify();
    expect(calls).toBeGreaterThan(5);
    return calls;
  }
});

describe("an abort", () => {
  it("ends it with its reason, before and in the midst", async () => {
    const inner = await threeVersions();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(over(inner).store.verify({ signal })).rejects.toBe(signal.reason);
    await expect(over(inner).store.manifest({ signal })).rejects.toBe(signal.reason);
    for (const at of [0, 3, 8]) {
      const controller = new AbortController();
      const reason = new Error("enough");
      const store = interceptStore(inner, ({ operation }) => {
        if (operation.index === at) controller.abort(reason);
      });
      await expect(over(store).store.verify({ signal: controller.signal })).rejects.toBe(reason);
    }
  });
});

it("tells how many files and bytes of data were read", async () => {
  const store = await threeVersions();
  const told: { feature: string; files: number; bytes: number }[] = [];
  await over(store).store.verify({ onProgress: (progress) => told.push(progress) });
  const bytes = (await Promise.all(["1.0.0", "1.0.1", "1.0.2"].map((version) => store.head(dataKey("f", version))))).reduce(
    (sum, { size }) => sum + size,
    0,
  );
  expect(told.at(-1)).toEqual({ feature: "f", files: 3, bytes });
  await over(store).store.verify({ quick: true, onProgress: () => expect.unreachable() });
});
