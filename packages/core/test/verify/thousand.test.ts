import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { memoryStore } from "@mlforge/testkit/store";
import pMap from "p-map";
import { describe, expect, it } from "vitest";
import { writeGitignore } from "../../src/log/gitignore.js";
import { observe, publish } from "../../src/log/publish.js";
import { candidate, logOf } from "../log/candidates.js";
import { over } from "./small-store.js";

const features = Array.from({ length: 10 }, (_, index) => `feature_${index}`);

/** A hundred versions of each of ten features, through the log's own publish. */
async function fill(store: Store): Promise<void> {
  await pMap(features, async (feature) => {
    await writeGitignore(store, feature);
    for (let build = 0; build < 100; build++) {
      const log = logOf(store, `${feature} ${build}`, feature);
      await publish(log, candidate(log, { source: `${build}`, logic: `${build % 10 === 0 ? build : ""}` }), await observe(log));
    }
  });
}

describe("a sound store of 1,000 versions", () => {
  it("has no problems in memory", async () => {
    const store = memoryStore();
    await fill(store);
    await expectSound(store, 3_010);
  });

  it("has no problems in a folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mlforge-thousand-"));
    try {
      const store = new LocalStore(folder);
      await fill(store);
      await expectSound(store, 3_020);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  async function expectSound(store: Store, files: number): Promise<void> {
    for (const quick of [false, true]) {
      const report = await over(store).store.verify({ quick });
      expect(report).toMatchObject({ features: 10, versions: 1_000, files, problems: [], notes: [] });
    }
    const { features: listed } = await over(store).store.manifest();
    expect(listed.map(({ name, versions, broken }) => [name, versions.length, broken.length])).toEqual(
      features.map((name) => [name, 100, 0]),
    );
  }
});
