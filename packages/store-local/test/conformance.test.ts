import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStore, faultyStore, prefixStore, recordingStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, describe, it } from "vitest";
import { LocalStore } from "../src/index.js";

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "mlforge-local-"));
});
afterAll(() => rm(parent, { recursive: true }));

const capabilities = { conditionalPut: "full", workingTree: true, readable: true } as const;
const open = async (): Promise<LocalStore> => new LocalStore(join(await mkdtemp(join(parent, "store-")), "root"));

describeStore({ describe, it }, "LocalStore", { capabilities, open });

describeStore({ describe, it }, "LocalStore in every wrapper", {
  capabilities,
  open: async () => prefixStore(recordingStore(faultyStore(await open(), { seed: 1 })).store, "some/prefix/"),
});
