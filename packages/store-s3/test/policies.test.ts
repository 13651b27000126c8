import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { isMlforgeError, type Store } from "@mlforge/spec";
import { describeWith, type MotoWithIam, startMoto } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { S3Store } from "../src/index.js";
import { clientOf, newBucket } from "./servers.js";

const text = Buffer.from("text");

const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "allowed",
    (error: unknown) => (isMlforgeError(error, "STORE_ACCESS_DENIED") ? `denied ${error.details.action}` : String(error)),
  );

/** What each operation gives on an object that exists, and on one that does not. */
async function outcomes(store: Store) {
  return {
    list: await outcome(store.list("")[Symbol.asyncIterator]().next()),
    head: await outcome(store.head("key")),
    get: await outcome(store.get("key").then((result) => result[Symbol.asyncDispose]())),
    put: await outcome(store.put("new", text)),
    create: await outcome(store.put("created", text, { condition: { kind: "ifAbsent" } })),
    copy: await outcome(store.copy?.("key", "copied") ?? Promise.reject(new TypeError("the store does not copy"))),
    delete: await outcome(store.delete("key")),
  };
}

async function diagnosis(store: S3Store): Promise<Record<string, string>> {
  return Object.fromEntries((await store.diagnose()).map(({ action, outcome: found }) => [action, found]));
}

describeWith("moto", "a user with a policy of the documentation", () => {
  let moto: MotoWithIam;
  let owner: S3Client;
  let users = 0;
  beforeAll(async () => {
    moto = await startMoto({ iam: true });
    owner = clientOf(
      moto.endpoint,
      await moto.createUser("owner", { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource: "*" }] }),
    );
  });
  afterAll(async () => {
    owner.destroy();
    await moto[Symbol.asyncDispose]();
  });

  /** A bucket with the object `prod/key`, and stores in it of a user who has these actions on it. */
  async function bucketFor(actions: readonly string[], objects = "*") {
    const bucket = await newBucket(owner);
    await new S3Store({ bucket, prefix: "prod", client: owner }).put("key", text);
    const arn = `arn:aws:s3:::${bucket}`;
    const Statement = [{ Effect: "Allow", Action: actions, Resource: [arn, `${arn}/${objects}`] }];
    const keys = await moto.createUser(`user-${++users}`, { Version: "2012-10-17", Statement });
    const client = clientOf(moto.endpoint, keys);
    const left = async () => {
      const { Contents = [] } = await owner.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "prod/" }));
      return Contents.map(({ Key }) => Key?.replace(/[0-9a-f-]{36}$/, "UUID"));
    };
    return { left, at: (prefix: string, writeOnly = false) => new S3Store({ bucket, prefix, client, writeOnly }) };
  }

  const all = { list: "allowed", head: "allowed", get: "allowed", put: "allowed", create: "allowed", copy: "allowed", delete: "allowed" };
  const minimal = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"];

  it("that is minimal may do all but abort uploads in parts, which is told and may be granted", async () => {
    const { at, left } = await bucketFor(minimal);
    expect(await diagnosis(at("prod"))).toEqual({
      "s3:ListBucket": "allowed",
      "s3:GetObject": "allowed",
      "s3:PutObject": "allowed",
      "conditional writes": "allowed",
      "s3:AbortMultipartUpload": "denied",
      "s3:DeleteObject": "allowed",
    });
    expect(await left()).toEqual(["prod/key"]);
    expect(await outcomes(at("prod"))).toEqual(all);
    const more = await bucketFor([...minimal, "s3:AbortMultipartUpload"]);
    expect(new Set(Object.values(await diagnosis(more.at("prod"))))).toEqual(new Set(["allowed"]));
  });

  it("that is read-only may read and nothing else", async () => {
    const { at, left } = await bucketFor(["s3:GetObject", "s3:ListBucket"]);
    const denied = {
      put: "denied s3:PutObject",
      create: "denied s3:PutObject",
      copy: "denied s3:PutObject",
      delete: "denied s3:DeleteObject",
    };
    expect(await outcomes(at("prod"))).toEqual({ ...all, ...denied });
    expect(await diagnosis(at("prod"))).toEqual({
      "s3:ListBucket": "allowed",
      "s3:GetObject": "allowed",
      "s3:PutObject": "denied",
      "conditional writes": "unknown",
      "s3:AbortMultipartUpload": "unknown",
      "s3:DeleteObject": "denied",
    });
    expect(await left()).toEqual(["prod/key"]);
  });

  it("that is write-only may write and list and nothing else, and a probe stays where it may not be deleted", async () => {
    const { at, left } = await bucketFor(["s3:PutObject", "s3:ListBucket"]);
    const denied = {
      head: "denied s3:GetObject",
      get: "denied s3:GetObject",
      copy: "denied s3:GetObject",
      delete: "denied s3:DeleteObject",
    };
    expect(await outcomes(at("prod"))).toEqual({ ...all, ...denied });
    const store = at("prod", true);
    expect(store.capabilities.readable).toBe(false);
    for (const call of [store.head("key"), store.get("key")]) {
      await expect(call).rejects.toMatchObject({ code: "CAPABILITY_MISSING", details: { capability: "readable" } });
    }
    await store.put("again", text, { condition: { kind: "ifAbsent" } });
    const checks = await store.diagnose();
    expect(checks.map(({ outcome: found }) => found)).toEqual(["allowed", "denied", "allowed", "allowed", "denied", "denied"]);
    expect(checks.at(-1)?.message).toContain("is left there");
    const probe = "prod/.mlforge/probes/UUID";
    expect(await left()).toEqual([
      "prod/.mlforge/conditional-writes.json",
      probe,
      probe,
      probe,
      probe,
      "prod/again",
      "prod/created",
      "prod/key",
      "prod/new",
    ]);
  });

  it("of one prefix may read and write there and nowhere else", async () => {
    const { at } = await bucketFor(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "prod/*");
    expect(await outcomes(at("prod"))).toEqual({ ...all, delete: "denied s3:DeleteObject" });
    // Moto does not evaluate the condition on listing; Ceph does, in ceph.test.ts.
    expect(await outcomes(at("dev"))).toEqual({
      list: "allowed",
      head: "denied s3:GetObject",
      get: "denied s3:GetObject",
      put: "denied s3:PutObject",
      create: "denied s3:PutObject",
      copy: "denied s3:GetObject",
      delete: "denied s3:DeleteObject",
    });
  });

  it("who may do nothing is told so, and what could not be told apart", async () => {
    const { at } = await bucketFor(["s3:GetBucketLocation"]);
    expect(await diagnosis(at("prod"))).toEqual({
      "s3:ListBucket": "denied",
      "s3:GetObject": "unknown",
      "s3:PutObject": "denied",
      "conditional writes": "unknown",
      "s3:AbortMultipartUpload": "unknown",
      "s3:DeleteObject": "denied",
    });
    const denied = (action: string) => `denied ${action}`;
    expect(Object.values(await outcomes(at("prod")))).toEqual(
      ["s3:ListBucket", "s3:GetObject", "s3:GetObject", "s3:PutObject", "s3:PutObject", "s3:GetObject", "s3:DeleteObject"].map(denied),
    );
  });

  it("and wrong keys is told which are wrong", async () => {
    const bucket = await newBucket(owner);
    const keys = await moto.createUser("mistyped", {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource: "*" }],
    });
    const storeWith = (changed: object) => new S3Store({ bucket, client: clientOf(moto.endpoint, { ...keys, ...changed }) });
    const problem = (name: string) => ({ code: "CREDENTIALS_INVALID", details: { store: "s3", problem: name } });
    await expect(storeWith({ secretAccessKey: "hush-hush" }).put("key", text)).rejects.toMatchObject(problem("wrong_secret"));
    await expect(storeWith({ accessKeyId: "AKIAUNKNOWN" }).head("key")).rejects.toMatchObject(problem("unknown"));
  });
});
