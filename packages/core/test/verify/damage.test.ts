import { access, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "@mlforge/spec";
import { recordingStore } from "@mlforge/testkit/store";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSmallStore, contentOf, flipped, over, problemsOf, type SmallStore, storeWith } from "./small-store.js";

let small: SmallStore;
let content: Map<string, Uint8Array>;

beforeAll(async () => {
  small = await buildSmallStore();
  await small.defs.store.writeManifest();
  content = await contentOf(small.store);
});
afterAll(() => small[Symbol.asyncDispose]());

function bytes(key: string): Uint8Array {
  const found = content.get(key);
  if (found === undefined) throw new Error(`no ${key} in ${[...content.keys()].join(", ")}`);
  return found;
}

function keys(ending = ""): string[] {
  return [...content.keys()].filter((key) => key.endsWith(ending));
}

describe("a sound store", () => {
  it("has no problems and no notes, in full and quickly", async () => {
    const size = [...content.values()].reduce((sum, { length }) => sum + length, 0);
    const sound = { features: 2, versions: 6, files: content.size, bytes: size, problems: [], notes: [] };
    expect(await small.defs.store.verify()).toMatchObject(sound);
    expect(await small.defs.store.verify({ quick: true })).toMatchObject(sound);
    expect(content.size).toBe(2 * (3 * 3 + 2) + 1);
  });

  it("is sound as a Git clone but for its data, whose fix is sync", async () => {
    const cloned = await storeWith([...content].filter(([key]) => !/data\.parquet$|\.claim\.json$/.test(key)));
    const { problems, notes } = await over(cloned).store.verify();
    expect(notes).toEqual([]);
    expect(problems.map(({ key }) => key)).toEqual(keys("data.parquet"));
    expect(new Set(problems.map(({ kind }) => kind))).toEqual(new Set(["data-missing"]));
    for (const { fix, feature } of problems) expect(fix).toContain(`rebuild it: mlforge sync --features ${feature}.`);
  });

  it("is sound with the line ends of another platform, if all of a file are", async () => {
    const isText = (key: string): boolean => !key.endsWith(".parquet");
    const converted = (text: Uint8Array): Uint8Array => Buffer.from(Buffer.from(text).toString("utf8").replaceAll("\n", "\r\n"));
    const windows = new Map([...content].map(([key, value]) => [key, isText(key) ? converted(value) : value]));
    const store = await storeWith(windows);
    expect(await problemsOf(store)).toEqual([]);
    for (const key of keys().filter(isText)) {
      const text = Buffer.from(windows.get(key) ?? "").toString("utf8");
      await store.put(key, Buffer.from(text.replace("\r\n", "\n")));
      expect((await problemsOf(store)).map((problem) => problem.split(" ")[1])).toEqual([key]);
      await store.put(key, Buffer.from(text));
    }
  });

  it("looks only at the named features, also at those that are only in the store", async () => {
    expect(await over(small.store).store.verify({ features: ["routes"] })).toMatchObject({ features: 1, versions: 3, files: 11 });
    await expect(over(small.store).store.verify({ features: ["route"] })).rejects.toMatchObject({
      code: "NAME_UNKNOWN",
      details: { nearest: "routes", available: ["routes", "totals"] },
    });
    await expect(small.defs.store.verify({ features: ["../totals"] })).rejects.toMatchObject({ code: "NAME_UNKNOWN" });
  });

  it("sends no get of data where it is quick", async () => {
    const { store, operations } = recordingStore(small.store);
    await over(store).store.verify({ quick: true });
    const got = operations.filter(({ name }) => name === "get").map(({ key }) => key);
    expect(got.sort()).toEqual(
      keys()
        .filter((key) => !key.endsWith(".parquet"))
        .sort(),
    );
    expect(operations.filter(({ name }) => name === "list").map(({ key }) => key)).toEqual([""]);
    expect(operations.filter(({ name }) => name === "put" || name === "delete")).toEqual([]);
  });
});

describe("a flipped bit", () => {
  /** The smallest store that is sound with this object in it, so that thousands can be verified. */
  async function around(key: string): Promise<Store> {
    const folder = key.split("/").slice(0, -1).join("/");
    const feature = key.split("/")[0] ?? "";
    if (!key.includes("/")) return storeWith([[key, bytes(key)]]);
    if (folder !== feature)
      return storeWith([...content].filter(([other]) => other.startsWith(`${folder}/`) || other.endsWith("/.gitignore")));
    return storeWith([...content].filter(([other]) => other.startsWith(`${feature}/`)));
  }

  it.each([".meta.json", ".claim.json", "_latest.json", ".gitignore", "manifest.json"])(
    "is found at any place of any %s",
    async (ending) => {
      for (const key of keys(ending).slice(0, 1)) {
        const store = await around(key);
        const [whole, length] = [bytes(key), bytes(key).length];
        // All eight bits of a byte are turned in the small files, one after the other in the longer ones.
        const step = length > 1_000 ? 7 : 1;
        for (let bit = 0; bit < 8 * length; bit += step) {
          await store.put(key, flipped(whole, bit));
          const found = await over(store).store.verify();
          if (!found.problems.some((problem) => problem.key === key))
            throw new Error(`bit ${bit} of ${key} was turned, and it was not found`);
        }
      }
    },
  );

  it("is found anywhere in the whole store, and only there", async () => {
    const store = await storeWith(content);
    const place = fc.constantFrom(...keys()).chain((key) => fc.tuple(fc.constant(key), fc.nat(8 * bytes(key).length - 1)));
    await fc.assert(
      fc.asyncProperty(place, async ([key, bit]) => {
        await store.put(key, flipped(bytes(key), bit));
        const found = (await over(store).store.verify()).problems.map((problem) => problem.key);
        await store.put(key, bytes(key));
        expect(found).toEqual([key]);
      }),
      { numRuns: 400 },
    );
  });

  it("is found in the files of a folder", async () => {
    const place = fc.constantFrom(...keys()).chain((key) => fc.tuple(fc.constant(key), fc.nat(8 * bytes(key).length - 1)));
    await fc.assert(
      fc.asyncProperty(place, async ([key, bit]) => {
        await writeFile(join(small.root, key), flipped(bytes(key), bit));
        const found = (await small.defs.store.verify()).problems.map((problem) => problem.key);
        await writeFile(join(small.root, key), bytes(key));
        expect(found).toEqual([key]);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a deleted file", () => {
  it("is found, unless it is a claim, which a Git clone has not, or the manifest, which a store need not have", async () => {
    for (const key of keys()) {
      const store = await storeWith(content);
      await store.delete(key);
      const { problems, notes } = await over(store).store.verify();
      const optional = key.endsWith(".claim.json") || key === "manifest.json";
      expect(
        problems.map((problem) => problem.key),
        key,
      ).toEqual(optional ? [] : [key]);
      expect(notes).toEqual([]);
    }
  });

  it("is told of as a note where it is a claim in a store that is no working tree", async () => {
    for (const key of keys(".claim.json")) {
      const store = await storeWith(content, false);
      await store.delete(key);
      const { problems, notes } = await over(store).store.verify();
      expect(problems).toEqual([]);
      expect(notes).toMatchObject([{ kind: "claim-missing", key }]);
    }
  });

  it("is found in a folder", async () => {
    for (const key of [...keys(".meta.json"), ...keys("_latest.json"), ...keys(".parquet")]) {
      await rm(join(small.root, key));
      expect((await small.defs.store.verify()).problems.map((problem) => problem.key)).toEqual([key]);
      await writeFile(join(small.root, key), bytes(key));
    }
  });
});

describe("two swapped files", () => {
  it.each([".parquet", ".meta.json", ".claim.json", "_latest.json"])("are both found: %s", async (ending) => {
    const pairs = keys(ending).flatMap((a, index) =>
      keys(ending)
        .slice(index + 1)
        .map((b) => [a, b] as const),
    );
    for (const [a, b] of pairs) {
      if (Buffer.compare(bytes(a), bytes(b)) === 0) continue;
      const store = await storeWith(new Map([...content, [a, bytes(b)], [b, bytes(a)]]));
      expect((await over(store).store.verify()).problems.map((problem) => problem.key)).toEqual([a, b].sort());
    }
    expect(pairs.length).toBeGreaterThan(0);
  });

  it("are found in a folder", async () => {
    const [a, b] = [join(small.root, "totals"), join(small.root, "routes")];
    await rename(join(a, "_latest.json"), join(a, "x"));
    await rename(join(b, "_latest.json"), join(a, "_latest.json"));
    await rename(join(a, "x"), join(b, "_latest.json"));
    expect(await problemsOf(small.store)).toEqual(["pointer-misplaced routes/_latest.json", "pointer-misplaced totals/_latest.json"]);
    await expect(small.defs.build()).resolves.toMatchObject({
      failed: [{ error: { code: "METADATA_INVALID" } }, { error: { code: "METADATA_INVALID" } }],
    });
    for (const key of keys("_latest.json")) await writeFile(join(small.root, key), bytes(key));
  });
});

describe("a torn file", () => {
  it("is found by its size where it is data, without a byte of it being read", async () => {
    for (const key of keys("data.parquet")) {
      for (const other of [bytes(key).slice(0, -1), Buffer.concat([bytes(key), Buffer.from([0])]), new Uint8Array()]) {
        const { store, operations } = recordingStore(await storeWith(new Map([...content, [key, other]])));
        for (const quick of [true, false]) expect(await problemsOf(store, { quick })).toEqual([`data-size ${key}`]);
        expect(operations.filter((operation) => operation.name === "get" && operation.key === key)).toEqual([]);
      }
    }
  });

  it("is found at every length of a pointer, and of some metadata", async () => {
    for (const key of ["totals/_latest.json", "totals/1.0.0/.meta.json"]) {
      const store = await storeWith([...content].filter(([other]) => other.startsWith("totals/")));
      for (let length = 0; length < bytes(key).length; length += 1) {
        await store.put(key, bytes(key).slice(0, length));
        expect((await over(store).store.verify()).problems.map((problem) => problem.key)).toEqual([key]);
      }
    }
  });
});

describe("a stray file", () => {
  const odd = [
    "a file",
    "data.parquet",
    "Manifest.json",
    "_latest.json",
    ".gitignore",
    "totals",
    "totals.bak",
    "totals/_Latest.json",
    "totals/_latest.json.tmp",
    "totals/.meta.json",
    "totals/01.0.0/data.parquet",
    "totals/1.0/.meta.json",
    "totals/1.0.0/.META.json",
    "totals/1.0.0/data.parquet.crc",
    "totals/1.0.0/part/0.parquet",
    "totals/9.9.9/data.parquet",
    "totals/9.9.9-rc.1/.meta.json",
    "totals/1.0.0 (copy)/.meta.json",
    "totals/日本\u{1f6eb}\n\t/x",
    "forgotten/notes.txt",
  ];

  it.each(odd)("is found: %j", async (key) => {
    const store = await storeWith([...content, [key, Buffer.from("stray")]]);
    expect(await problemsOf(store)).toEqual([`stray ${key}`]);
    expect(await problemsOf(store, { quick: true })).toEqual([`stray ${key}`]);
  });

  it("is found with its folder where that can be no feature", async () => {
    for (const folder of ["a folder", "totals.old", "1.0.0", ".git", "日本", "x".repeat(129), "manifest.json"]) {
      const rest = [...content].filter(([key]) => key !== "manifest.json");
      const store = await storeWith([
        ...rest,
        [`${folder}/1.0.0/.meta.json`, bytes("totals/1.0.0/.meta.json")],
        [`${folder}/b`, Buffer.from("")],
      ]);
      const { problems, files } = await over(store).store.verify();
      expect(problems).toMatchObject([{ kind: "stray", key: `${folder}/`, message: expect.stringContaining("2 files") }]);
      expect(files).toBe(rest.length + 2);
    }
  });

  it("is found whatever its name is", async () => {
    const segment = fc
      .string({ unit: "binary", minLength: 1, maxLength: 20 })
      .filter((text) => !/[/\\\0]|^\.\.?$|\p{Surrogate}/u.test(text));
    const key = fc.oneof(
      fc.array(segment, { minLength: 1, maxLength: 4 }),
      fc.array(segment, { minLength: 1, maxLength: 2 }).map((rest) => ["totals", ...rest]),
    );
    await fc.assert(
      fc.asyncProperty(key, async (segments) => {
        const stray = segments.join("/");
        fc.pre(!content.has(stray) && segments[0] !== ".mlforge");
        const store = await storeWith([...content, [stray, Buffer.from("stray")]]);
        const { problems } = await over(store).store.verify();
        expect(problems.map((problem) => problem.kind)).toEqual(["stray"]);
        expect(stray.startsWith(problems[0]?.key ?? "nothing")).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("is found in a folder, and the store's own files are none", async () => {
    await access(join(small.root, ".mlforge"));
    const path = join(small.root, "totals/1.0.0/.DS_Store");
    await writeFile(path, "");
    expect(await problemsOf(small.store)).toEqual(["stray totals/1.0.0/.DS_Store"]);
    await rm(path);
    expect((await readFile(join(small.root, ".mlforge/.gitignore"), "utf8")).trim()).toBe("*");
  });
});
