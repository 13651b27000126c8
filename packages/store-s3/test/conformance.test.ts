import { describeStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, describe, it } from "vitest";
import { S3Store } from "../src/index.js";
import { type Moto, startMoto } from "./moto.js";

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto[Symbol.asyncDispose]());

const capabilities = { conditionalPut: "full", workingTree: false, readable: true } as const;

describeStore({ describe, it }, "S3Store below a prefix", {
  capabilities,
  open: async () => new S3Store({ bucket: await moto.newBucket(), prefix: "prod/features", client: moto.newClient() }),
});

describeStore({ describe, it }, "S3Store in a whole bucket", {
  capabilities,
  open: async () => new S3Store({ bucket: await moto.newBucket(), client: moto.newClient() }),
});

describeStore({ describe, it }, "S3Store as the single writer", {
  capabilities,
  open: async () => new S3Store({ bucket: await moto.newBucket(), client: moto.newClient(), singleWriter: true }),
});
