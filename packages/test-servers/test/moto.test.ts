import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { describeWith, startMoto } from "@mlforge/test-servers";
import { expect, it } from "vitest";
import { clientOf, statusOf } from "./s3.js";

const Bucket = "bucket";

/** A policy that allows the actions on everything. */
function allow(...actions: readonly string[]): object {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
}

describeWith("moto", "startMoto", () => {
  it("starts a server that creates an object once, and stops it", async () => {
    let endpoint: string;
    {
      await using moto = await startMoto();
      endpoint = moto.endpoint;
      const client = clientOf(endpoint);
      await client.send(new CreateBucketCommand({ Bucket }));
      const put = new PutObjectCommand({ Bucket, Key: "key", Body: "text", IfNoneMatch: "*" });
      expect(await statusOf(client.send(put))).toBe(200);
      expect(await statusOf(client.send(put))).toBe(412);
    }
    await expect(fetch(endpoint)).rejects.toThrow("fetch failed");
  });

  it("starts servers that know nothing of each other", async () => {
    await using one = await startMoto();
    await using other = await startMoto();
    await clientOf(one.endpoint).send(new CreateBucketCommand({ Bucket }));
    expect(await statusOf(clientOf(one.endpoint).send(new ListObjectsV2Command({ Bucket })))).toBe(200);
    expect(await statusOf(clientOf(other.endpoint).send(new ListObjectsV2Command({ Bucket })))).toBe(404);
  });

  it("holds users to their policies, whatever is in a key", async () => {
    await using moto = await startMoto({ iam: true });
    const writer = clientOf(moto.endpoint, await moto.createUser("writer", allow("s3:*")));
    const reader = clientOf(moto.endpoint, await moto.createUser("reader", allow("s3:GetObject", "s3:ListBucket")));
    const keys = ["a/dt=2024-01-01/x", "a/b+c", "a/d%2Fe", "a/é ü"];

    await writer.send(new CreateBucketCommand({ Bucket }));
    for (const Key of keys) {
      expect(await statusOf(reader.send(new PutObjectCommand({ Bucket, Key, Body: "text" })))).toBe(403);
      expect(await statusOf(reader.send(new GetObjectCommand({ Bucket, Key })))).toBe(404);
      expect(await statusOf(writer.send(new PutObjectCommand({ Bucket, Key, Body: "text", IfNoneMatch: "*" })))).toBe(200);
      expect(await statusOf(writer.send(new PutObjectCommand({ Bucket, Key, Body: "text", IfNoneMatch: "*" })))).toBe(412);
      expect(await statusOf(reader.send(new GetObjectCommand({ Bucket, Key })))).toBe(200);
    }
    const listed = await reader.send(new ListObjectsV2Command({ Bucket, Prefix: "a/", Delimiter: "/" }));
    expect([...(listed.Contents ?? []), ...(listed.CommonPrefixes ?? [])]).toHaveLength(keys.length);
  });

  it("refuses who is not a user", async () => {
    await using moto = await startMoto({ iam: true });
    const keys = await moto.createUser("writer", allow("s3:*"));
    for (const wrong of [
      { ...keys, secretAccessKey: "wrong" },
      { ...keys, accessKeyId: "AKIAUNKNOWN" },
    ]) {
      expect(await statusOf(clientOf(moto.endpoint, wrong).send(new CreateBucketCommand({ Bucket })))).toBe(403);
    }
  });
});
