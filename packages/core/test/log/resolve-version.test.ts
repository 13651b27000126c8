import { isMlforgeError, type Store } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import { beforeEach, describe, expect, it } from "vitest";
import { observe, publish } from "../../src/log/publish.js";
import { resolveVersion } from "../../src/log/versions.js";
import { candidate, logOf } from "./candidates.js";

let store: Store;
beforeEach(async () => {
  store = memoryStore();
  for (const version of ["1.0.0", "1.2.0", "1.10.0", "2.0.0"]) {
    const log = logOf(store, version);
    await publish(log, candidate(log, { version }), await observe(log));
  }
});

describe("the version that is asked for", () => {
  it.each([
    ["latest", "2.0.0"],
    ["1.2.0", "1.2.0"],
    ["^1.0", "1.10.0"],
    ["1.x", "1.10.0"],
    ["1", "1.10.0"],
    ["~1.2", "1.2.0"],
    [">=1.2 <2", "1.10.0"],
    ["<1.2 || 2.x", "2.0.0"],
  ])("%s is found", async (wanted, version) => {
    expect((await resolveVersion(store, "f", wanted)).version).toBe(version);
  });

  it.each(["x", "X", "*", "", " ", ">=x", "x || *", "new", "v", "1.0.0.0", "lastest"])("%j is refused", async (wanted) => {
    await expect(resolveVersion(store, "f", wanted)).rejects.toSatisfy((error) => isMlforgeError(error, "VERSION_INVALID"));
  });
});
