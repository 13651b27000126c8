import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describeWith, startRadosgw } from "@mlforge/test-servers";
import { expect, it } from "vitest";
import { clientOf, statusOf } from "./s3.js";

const Bucket = "bucket";

describeWith("radosgw", "startRadosgw", () => {
  it("starts a server that creates an object once and keeps it from others, and stops it", async () => {
    let endpoint: string;
    {
      await using radosgw = await startRadosgw();
      endpoint = radosgw.endpoint;
      const root = clientOf(endpoint, radosgw.root);
      const other = clientOf(endpoint, await radosgw.createUser("other"));
      const put = new PutObjectCommand({ Bucket, Key: "dt=2024-01-01/key", Body: "text", IfNoneMatch: "*" });
      const get = new GetObjectCommand({ Bucket, Key: "dt=2024-01-01/key" });

      expect(await statusOf(root.send(new CreateBucketCommand({ Bucket })))).toBe(200);
      expect(await statusOf(root.send(put))).toBe(200);
      expect(await statusOf(root.send(put))).toBe(412);
      expect(await statusOf(root.send(get))).toBe(200);
      expect(await statusOf(other.send(get))).toBe(403);
    }
    await expect(fetch(endpoint)).rejects.toThrow("fetch failed");
  });
});
