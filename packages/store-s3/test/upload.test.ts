import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { describeWith, type Moto, startMoto } from "@mlforge/test-servers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { S3Store } from "../src/index.js";
import { partBytes } from "../src/upload-file.js";
import { type Answer, accept, answeringServer, refuse } from "./answering-server.js";
import { clientOf, newBucket } from "./servers.js";

const mebibyte = 1_024 ** 2;
const partSize = 5 * mebibyte;

/** A file of this many bytes, none of them like its neighbours. */
async function fileOf(size: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-s3-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "file");
  await writeFile(
    file,
    Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) % 251),
  );
  return file;
}

/** Answers an upload in parts as S3 does. */
const inParts: Answer = ({ method, url }, response) => {
  if (method === "POST" && url.includes("?uploads")) {
    return void response.end("<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>");
  }
  if (method === "POST") return void response.end("<CompleteMultipartUploadResult><ETag>e-3</ETag></CompleteMultipartUploadResult>");
  if (method === "DELETE") return void response.writeHead(204).end();
  accept(response);
};

describe("what is sent of a file", () => {
  it.each([
    [{ kind: "S3" }, { "x-amz-server-side-encryption": "AES256" }],
    [
      { kind: "KMS", keyId: "alias/mlforge", bucketKey: true },
      {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "alias/mlforge",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
      },
    ],
  ] as const)("has the encryption %j and the storage class, in one request and in parts", async (sse, expected) => {
    const { store, asked } = await answeringServer(inParts, { sse, storageClass: "STANDARD_IA", partSize });
    await store.put("small", Buffer.from("text"));
    const file = await fileOf(12 * mebibyte);
    await store.put("large", { file });
    const writes = asked.filter(({ method, url }) => url.startsWith("/bucket/small") || (method === "POST" && url.includes("?uploads")));
    expect(writes.length).toBe(2);
    for (const { headers } of writes) expect(headers).toMatchObject({ ...expected, "x-amz-storage-class": "STANDARD_IA" });
    expect(asked.filter(({ url }) => url.includes("partNumber=")).length).toBe(3);
  });

  it("is at most as many parts at once as concurrency says, and the parts of a huge file are larger", async () => {
    let [now, most] = [0, 0];
    const { store } = await answeringServer(
      async (entry, response, request) => {
        if (!entry.url.includes("partNumber=")) return inParts(entry, response, request);
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        accept(response);
      },
      { partSize, concurrency: 2 },
    );
    await store.put("key", { file: await fileOf(31 * mebibyte) });
    expect(most).toBeLessThanOrEqual(2);
    expect(partBytes(5 * 1_024 ** 4, 8 * mebibyte) * 10_000).toBeGreaterThanOrEqual(5 * 1_024 ** 4);
    expect(partBytes(1, 8 * mebibyte)).toBe(8 * mebibyte);
  });

  it("is given up with why it failed, even if its parts may not be removed", async () => {
    const { store, asked } = await answeringServer(
      (entry, response, request) => {
        if (entry.method === "DELETE") return refuse(response, 403, "AccessDenied");
        return entry.url.includes("partNumber=2") ? refuse(response, 400, "KMS.DisabledException") : inParts(entry, response, request);
      },
      { partSize },
    );
    await expect(store.put("key", { file: await fileOf(12 * mebibyte) })).rejects.toMatchObject({
      code: "USAGE_INVALID",
      details: { argument: "sse" },
    });
    expect(asked.filter(({ method }) => method === "DELETE").length).toBe(1);
    expect(asked.some(({ method, url }) => method === "POST" && url.includes("uploadId"))).toBe(false);
  });

  it("goes in one request with a condition, which is refused beyond 5 GiB", async () => {
    const file = await fileOf(0);
    await truncate(file, 5 * 1_024 ** 3 + 1);
    const { store, asked } = await answeringServer(inParts);
    const put = store.put("key", { file }, { condition: { kind: "ifAbsent" } });
    await expect(put).rejects.toMatchObject({ code: "CAPABILITY_MISSING", message: expect.stringContaining("5 GiB") });
    expect(asked).toEqual([]);
  });
});

describeWith("moto", "files in moto", () => {
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

  it("come back as they were, sent in parts or with a condition in one request", async () => {
    const bucket = await newBucket(client);
    const store = new S3Store({ bucket, client, partSize });
    const file = await fileOf(17 * mebibyte + 1);
    const inPartsInfo = await store.put("parts", { file, move: true });
    expect(inPartsInfo.etag).toMatch(/-4$/);
    const whole = await store.put("whole", { file }, { condition: { kind: "ifAbsent" } });
    expect(whole.etag).not.toContain("-");
    const original = await readFile(file);
    for (const Key of ["parts", "whole"]) {
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      expect(original.equals((await answer.Body?.transformToByteArray()) ?? Buffer.of())).toBe(true);
    }
  });

  it("leave no parts when they are aborted on the way", async () => {
    const bucket = await newBucket(client);
    const controller = new AbortController();
    const watched = clientOf(moto.endpoint);
    let parts = 0;
    watched.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args);
        if (context.commandName === "UploadPartCommand" && ++parts === 2) controller.abort("enough");
        return answer;
      },
      { step: "initialize" },
    );
    const store = new S3Store({ bucket, client: watched, partSize, concurrency: 2 });
    await expect(store.put("key", { file: await fileOf(40 * mebibyte) }, { signal: controller.signal })).rejects.toBe("enough");
    expect(parts).toBeGreaterThanOrEqual(2);
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual([]);
    await expect(store.head("key")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  });

  it.each(["sent", "answered"] as const)("leave no upload when they are aborted as what begins it is %s", async (moment) => {
    const bucket = await newBucket(client);
    const controller = new AbortController();
    const watched = clientOf(moto.endpoint);
    onTestFinished(() => watched.destroy());
    const sent: string[] = [];
    watched.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          sent.push(commandName);
          const answer = next(args);
          if (commandName !== "CreateMultipartUploadCommand") return answer;
          if (moment === "answered") await answer;
          // The request is on its way once this turn is over.
          else await new Promise((resolve) => setImmediate(resolve));
          controller.abort("enough");
          return answer;
        },
      { step: "finalizeRequest", priority: "low" },
    );
    const store = new S3Store({ bucket, client: watched, partSize });
    await expect(store.put("key", { file: await fileOf(12 * mebibyte) }, { signal: controller.signal })).rejects.toBe("enough");
    expect(sent).toContain("AbortMultipartUploadCommand");
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual([]);
    await expect(store.head("key")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  });

  it("tell their version in a bucket that keeps versions, and none elsewhere", async () => {
    const bucket = await newBucket(client);
    const store = new S3Store({ bucket, client });
    await store.put("before", Buffer.from("text"));
    await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }));
    await store.put("key", Buffer.from("text"));
    const { versionId } = await store.head("key");
    expect(versionId).toMatch(/.+/);
    await using result = await store.get("key");
    expect(result.info.versionId).toBe(versionId);
    expect((await store.head("before")).versionId).toBeUndefined();
    await store.delete("key");
    await expect(store.head("key")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  });

  it("are listed but for folder markers, other keys that are none, and the store's own", async () => {
    const bucket = await newBucket(client);
    const outer = new S3Store({ bucket, client });
    const store = new S3Store({ bucket, prefix: "p", client });
    await store.put("a/b", Buffer.from("text"), { condition: { kind: "ifAbsent" } });
    await outer.put("pq/other", Buffer.from("text"));
    for (const Key of ["p/", "p/a/", "p/a//b", "p/./x", "p//x"])
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x" }));
    const names = async (prefix: string, depth: "deep" | "children"): Promise<string[]> => {
      const found: string[] = [];
      for await (const entry of store.list(prefix, { depth })) found.push(entry.kind === "object" ? entry.info.key : entry.prefix);
      return found;
    };
    expect(await names("", "deep")).toEqual(["a/b"]);
    expect(await names("", "children")).toEqual(["a/"]);
    expect(await names("a/", "children")).toEqual(["a/b"]);
  });
});
