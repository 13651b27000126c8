import { ListMultipartUploadsCommand, type S3Client } from "@aws-sdk/client-s3";
import { describeWith, type Moto, startMoto } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { heldByThisProcess } from "../src/conditions.js";
import { copyObject } from "../src/copy-object.js";
import { S3Store } from "../src/index.js";
import { clientOf, newBucket } from "./servers.js";

const mebibyte = 1_024 ** 2;
const bytes = Uint8Array.from({ length: 17 * mebibyte + 1 }, (_, i) => (i * 31 + (i >> 8)) % 251);

async function bytesAt(store: S3Store, key: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of (await store.get(key)).body) parts.push(part);
  return Buffer.concat(parts);
}

describeWith("moto", "copies in moto", () => {
  let moto: Moto;
  let client: S3Client;
  beforeAll(async () => {
    moto = await startMoto();
    client = clientOf(moto.endpoint);
  });
  afterAll(async () => {
    client.destroy();
    await moto[Symbol.asyncDispose]();
  });

  it("have all bytes in parts, and the etag that head returns", async () => {
    const bucket = await newBucket(client);
    const store = new S3Store({ bucket, client });
    await store.put("from", bytes);
    const settings = { headers: {}, concurrency: 4, partBytes: 5 * mebibyte, copyIf: heldByThisProcess, proveSource: async () => {} };
    const place = { client, bucket, prefix: "" };
    const made = await copyObject({ operation: "copy", key: "to", place }, "from", {}, settings);
    expect(made).toMatchObject({ key: "to", size: bytes.length, etag: expect.stringMatching(/-4$/) });
    expect((await bytesAt(store, "to")).equals(bytes)).toBe(true);
    expect(await store.head("to")).toMatchObject(made);
    // The copy of an object in parts has another etag than it.
    const whole = await store.copy("to", "whole");
    expect(whole).toMatchObject({ size: bytes.length, etag: expect.not.stringContaining("-") });
    expect(await store.head("whole")).toMatchObject(whole);
    expect((await bytesAt(store, "whole")).equals(bytes)).toBe(true);
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual([]);
  });

  it("of one writer check the etag of the source, and wait for its puts", async () => {
    const store = new S3Store({ bucket: await newBucket(client), client, singleWriter: true });
    for (let round = 0; round < 10; round++) {
      const { etag } = await store.put("from", Buffer.from(`${round}`));
      const copies = [
        store.copy("from", "to", { sourceEtag: etag }),
        store.put("from", Buffer.from("changed")).then(() => store.copy("to", "from")),
      ];
      await Promise.all(copies);
      expect((await bytesAt(store, "to")).toString()).toBe(`${round}`);
    }
  });

  it("of one writer in both directions do not wait for each other", async () => {
    const store = new S3Store({ bucket: await newBucket(client), client, singleWriter: true });
    for (const key of ["a", "b"]) await store.put(key, Buffer.from(key));
    await Promise.all([store.copy("a", "b"), store.copy("b", "a"), store.copy("a", "b")]);
    expect(await bytesAt(store, "a")).toEqual(await bytesAt(store, "b"));
  });
});
