import { S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { S3Remote, S3Store, type S3StoreOptions } from "../src/index.js";

describe("an option that cannot be is refused when the store is made, and named", () => {
  const client = new S3Client({ region: "eu-west-1" });
  const cases: readonly (readonly [argument: string, options: Partial<S3StoreOptions>])[] = [
    ["bucket", { bucket: "" }],
    ["bucket", { bucket: "ab" }],
    ["bucket", { bucket: "s3://bucket" }],
    ["bucket", { bucket: "bucket/prefix" }],
    ["bucket", { bucket: "-bucket" }],
    ["bucket", { bucket: "a..b" }],
    ["bucket", { bucket: "10.0.0.1" }],
    ["bucket", { bucket: "arn:aws:s3:eu-west-1:123456789012:accesspoint/name" }],
    ["prefix", { prefix: "/prod" }],
    ["prefix", { prefix: "prod//features" }],
    ["prefix", { prefix: "prod/../dev" }],
    ["prefix", { prefix: "./prod" }],
    ["prefix", { prefix: "/" }],
    ["prefix", { prefix: "prod//" }],
    ["prefix", { prefix: "a\\b" }],
    ["endpoint", { endpoint: "localhost:9000" }],
    ["endpoint", { endpoint: "ftp://host" }],
    ["endpoint", { endpoint: "http://host/?query" }],
    ["region", { region: "" }],
    ["region", { region: "EU West" }],
    ["partSize", { partSize: 5 * 1024 ** 2 - 1 }],
    ["partSize", { partSize: 6_000_000.5 }],
    ["partSize", { partSize: 6 * 1024 ** 3 }],
    ["concurrency", { concurrency: 0 }],
    ["concurrency", { concurrency: Number.NaN }],
    ["accelerate", { accelerate: true, endpoint: "http://host" }],
    ["region", { client, region: "eu-west-1" }],
    ["endpoint", { client, endpoint: "http://host" }],
    ["forcePathStyle", { client, forcePathStyle: true }],
    ["dualStack", { client, dualStack: false }],
    ["writeOnly", { writeOnly: true, singleWriter: true }],
  ];
  it.each(cases)("%s: %j", (argument, options) => {
    expect(() => new S3Store({ bucket: "bucket", ...options })).toThrow(
      expect.objectContaining({
        code: "USAGE_INVALID",
        details: { argument },
        message: expect.stringContaining(`the option ${argument} `),
      }),
    );
  });

  it("and a password in an endpoint is not repeated", () => {
    const endpoint = "http://user:hush-hush@host";
    expect(() => new S3Store({ bucket: "bucket", endpoint })).toThrow(
      expect.objectContaining({
        code: "USAGE_INVALID",
        details: { argument: "endpoint" },
        message: expect.not.stringContaining("hush-hush"),
      }),
    );
  });
});

describe("locate and remote", () => {
  it("locate gives s3://bucket/prefix/key as it stands, with and without a slash after the prefix", () => {
    for (const prefix of ["prod/features", "prod/features/"]) {
      const store = new S3Store({ bucket: "my-bucket", prefix });
      expect(store.locate("a b/date=2020-01-01/%41.parquet")).toBe("s3://my-bucket/prod/features/a b/date=2020-01-01/%41.parquet");
    }
    expect(new S3Store({ bucket: "my-bucket" }).locate("key")).toBe("s3://my-bucket/key");
  });

  it("the store's own folder holds no key, in any case of letters", async () => {
    const store = new S3Store({ bucket: "my-bucket", prefix: "p" });
    const invalid = { code: "STORE_KEY_INVALID" };
    for (const key of [".mlforge/probes/x", ".mlforge", ".MLforge/x"]) {
      expect(() => store.locate(key)).toThrow(expect.objectContaining(invalid));
      await expect(store.head(key)).rejects.toMatchObject(invalid);
      await expect(store.get(key)).rejects.toMatchObject(invalid);
      await expect(store.put(key, Buffer.of(1))).rejects.toMatchObject(invalid);
      await expect(store.delete(key)).rejects.toMatchObject(invalid);
    }
    await expect(store.list(".mlforge/")[Symbol.asyncIterator]().next()).rejects.toMatchObject(invalid);
    expect(store.locate("a/.mlforge/x")).toBe("s3://my-bucket/p/a/.mlforge/x");
  });

  it("a key that is too long with the prefix is refused", async () => {
    const store = new S3Store({ bucket: "my-bucket", prefix: "p".repeat(30) });
    const folder = `${"k".repeat(100)}/`.repeat(9);
    expect(store.locate(folder + "k".repeat(84)).length).toBe("s3://my-bucket/".length + 1_024);
    await expect(store.head(folder + "k".repeat(85))).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
  });

  it.each([new S3Remote({ region: "eu-west-1" }), new S3Store({ bucket: "mine", region: "eu-west-1" }).remote])(
    "a remote cuts bucket and key from the URL as it stands, and keeps one store for each bucket",
    (remote) => {
      const { store, key } = remote.open("s3://other-bucket/key with spaces/%41+?#/*.parquet");
      expect(key).toBe("key with spaces/%41+?#/*.parquet");
      expect(store.locate("key")).toBe("s3://other-bucket/key");
      expect(remote.schemes).toEqual(["s3"]);
      expect(remote.open("s3://other-bucket/folder/")).toEqual({ store, key: "folder/" });
      expect(remote.open("s3://third-bucket/x").store).not.toBe(store);
    },
  );

  it.each(["s3://bucket", "s3://bucket/", "s3:///key", "https://bucket/key", "key"])("a remote refuses %s", (url) => {
    expect(() => new S3Remote({ region: "eu-west-1" }).open(url)).toThrow(
      expect.objectContaining({ code: "USAGE_INVALID", details: { argument: "url" } }),
    );
  });

  it("a store does not destroy a client that it was given", async () => {
    let destroyed = 0;
    const client = Object.assign(new S3Client({ region: "eu-west-1" }), { destroy: () => destroyed++ });
    await new S3Store({ bucket: "bucket", client })[Symbol.asyncDispose]();
    await new S3Remote({ client })[Symbol.asyncDispose]();
    expect(destroyed).toBe(0);
  });
});
