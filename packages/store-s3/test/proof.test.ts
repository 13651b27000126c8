import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { describeWith, type Moto, startMoto } from "@mlforge/test-servers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { S3Store } from "../src/index.js";
import { type Answer, type Asked, accept, answeringServer, probing, refuse } from "./answering-server.js";
import { checkThenWrite } from "./check-then-write.js";
import { clientOf, newBucket } from "./servers.js";

const text = Buffer.from("text");
const ifAbsent = { condition: { kind: "ifAbsent" } } as const;
const ifMatch = { condition: { kind: "ifMatch", etag: "0123456789abcdef0123456789abcdef" } } as const;
const isProbe = ({ method, url }: Asked): boolean => method === "PUT" && url.includes("/.mlforge/probes/");
const races = (asked: readonly Asked[]): number =>
  asked.filter((entry) => isProbe(entry) && entry.headers["if-none-match"] === "*").length / 8;
const noRecord: Answer = ({ method }, response) => (method === "GET" ? refuse(response, 404, "NoSuchKey") : accept(response));

describe("a service that does not hold conditions is refused before the first conditional put", () => {
  const capability = { plugin: "s3", capability: "conditionalPut" };

  it("that ignores them", async () => {
    const { store, asked } = await answeringServer(noRecord);
    await expect(store.put("key", text, ifAbsent)).rejects.toMatchObject({
      code: "CAPABILITY_MISSING",
      details: capability,
      message: expect.stringMatching(/let 8 of 8 racing creations of one object succeed.*singleWriter: true/),
    });
    expect(asked.filter(({ url }) => url.startsWith("/bucket/key"))).toEqual([]);
    expect(asked.filter(({ method }) => method === "DELETE").length).toBe(1);
  });

  it("also when a build asks before it computes", async () => {
    const { store } = await answeringServer(noRecord);
    await expect(store.checkConditionalPut()).rejects.toMatchObject({ code: "CAPABILITY_MISSING", details: capability });
  });

  it("that looks first and writes then", async () => {
    const looked: (() => void)[] = [];
    const { store } = await answeringServer(async (entry, response, request) => {
      if (!isProbe(entry)) return noRecord(entry, response, request);
      // All have looked before the first writes.
      await new Promise<void>((resolve) => {
        if (looked.push(resolve) === 8) for (const write of looked) write();
      });
      accept(response);
    });
    await expect(store.put("key", text, ifAbsent)).rejects.toMatchObject({ code: "CAPABILITY_MISSING", details: capability });
  });

  it("that answers 501", async () => {
    const { store } = await answeringServer((entry, response, request) =>
      isProbe(entry) ? refuse(response, 501, "NotImplemented") : noRecord(entry, response, request),
    );
    await expect(store.put("key", text, ifMatch)).rejects.toMatchObject({
      code: "CAPABILITY_MISSING",
      message: expect.stringContaining("answers 501 to If-None-Match"),
    });
  });

  it.each([
    ["takes any etag", () => true, "replaced an object although If-Match named another etag"],
    ["takes no etag", () => false, "did not replace an object although If-Match named its etag"],
  ])("that %s", async (_, takes, message) => {
    const holds = probing(noRecord);
    const { store } = await answeringServer((entry, response, request) => {
      if (entry.headers["if-match"] === undefined) return holds(entry, response, request);
      return takes() ? accept(response) : refuse(response, 412, "PreconditionFailed");
    });
    await expect(store.put("key", text, ifAbsent)).rejects.toMatchObject({
      code: "CAPABILITY_MISSING",
      message: expect.stringContaining(message),
    });
  });

  it("but reads and unconditional puts ask for no proof", async () => {
    const { store, asked } = await answeringServer(noRecord);
    await store.put("key", text);
    await expect(store.get("key")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
    expect(asked.filter(({ url }) => url.includes(".mlforge"))).toEqual([]);
  });

  it("and singleWriter needs none", async () => {
    const { store, asked } = await answeringServer(
      (entry, response, request) => (entry.method === "HEAD" ? refuse(response, 404, "") : noRecord(entry, response, request)),
      { singleWriter: true },
    );
    await store.put("key", text, ifAbsent);
    expect(asked.map(({ method }) => method)).toEqual(["HEAD", "GET", "PUT"]);
    expect(asked.at(-1)?.headers["if-none-match"]).toBeUndefined();
  });
});

describe("the proof", () => {
  it("is shared by first writes that come at once, and made once", async () => {
    const { store, asked } = await answeringServer(probing((_, response) => accept(response)));
    await Promise.all(["a", "b", "c"].map((key) => store.put(key, text, ifAbsent)));
    await store.put("d", text, ifMatch);
    expect(races(asked)).toBe(1);
  });

  it("is made again after the service was unavailable", async () => {
    let down = true;
    const holds = probing((_, response) => accept(response));
    const { store, asked } = await answeringServer(
      (entry, response, request) => (down ? refuse(response, 503, "SlowDown") : holds(entry, response, request)),
      {},
      { maxAttempts: 1 },
    );
    await expect(store.put("key", text, ifAbsent)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    down = false;
    await store.put("key", text, ifAbsent);
    expect(races(asked)).toBe(1);
  });

  it("goes on for the others when one that waits for it gives up", async () => {
    const { store, asked } = await answeringServer(probing((_, response) => accept(response)));
    const controller = new AbortController();
    const [first, second] = [store.put("a", text, { ...ifAbsent, signal: controller.signal }), store.put("b", text, ifAbsent)];
    controller.abort("enough");
    await expect(first).rejects.toBe("enough");
    await second;
    expect(races(asked)).toBe(1);
    expect(asked.some(({ url }) => url.startsWith("/bucket/a?"))).toBe(false);
  });

  it("finds out that only etags without quotes work, as with Ceph 16", async () => {
    const holds = probing((_, response) => accept(response));
    const { store, asked } = await answeringServer((entry, response, request) => {
      const match = entry.headers["if-match"];
      if (match?.startsWith('"')) return refuse(response, 412, "PreconditionFailed");
      const headers = { ...entry.headers, ...(match === undefined ? {} : { "if-match": `"${match}"` }) };
      return holds({ ...entry, headers }, response, request);
    });
    await store.put("key", text, ifMatch);
    expect(asked.at(-1)?.headers["if-match"]).toBe("0123456789abcdef0123456789abcdef");
  });

  it("of a store that is writeOnly reads and writes no record, and is made once", async () => {
    const { store, asked } = await answeringServer(
      probing((_, response) => accept(response)),
      { writeOnly: true },
    );
    for (const key of ["a", "b"]) await store.put(key, text, ifAbsent);
    expect(races(asked)).toBe(1);
    expect(asked.some(({ url }) => url.includes("conditional-writes.json"))).toBe(false);
  });
});

describeWith("moto", "the record of the proof", () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto[Symbol.asyncDispose]());

  /** The keys that a client puts, in order. */
  function counted(bucket: string) {
    const client = clientOf(moto.endpoint);
    const puts: string[] = [];
    client.middlewareStack.add(
      (next, context) => (args) => {
        const { input } = args;
        if (context.commandName === "PutObjectCommand" && "Key" in input) puts.push(`${input.Key}`);
        return next(args);
      },
      { step: "initialize" },
    );
    return { puts, client, store: new S3Store({ bucket, prefix: "prod", client }) };
  }

  it("saves later processes the race, holds no secret, and leaves no probe", async () => {
    const bucket = await newBucket(clientOf(moto.endpoint));
    const first = counted(bucket);
    await first.store.put("a", text, ifAbsent);
    expect(first.puts.filter((key) => key.startsWith("prod/.mlforge/probes/")).length).toBeGreaterThan(4);
    const second = counted(bucket);
    await second.store.put("b", text, ifAbsent);
    expect(second.puts).toEqual(["prod/b"]);
    const { Contents = [] } = await first.client.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(["prod/.mlforge/conditional-writes.json", "prod/a", "prod/b"]);
    const record = await first.client.send(new GetObjectCommand({ Bucket: bucket, Key: "prod/.mlforge/conditional-writes.json" }));
    expect(JSON.parse((await record.Body?.transformToString()) ?? "")).toEqual({
      endpoint: new URL(moto.endpoint).host,
      provedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      etagQuoting: "quoted",
      raced: "If-None-Match and If-Match",
    });
  });

  it("of a test that raced only creations does not count", async () => {
    const bucket = await newBucket(clientOf(moto.endpoint));
    const { store, puts, client } = counted(bucket);
    const record = JSON.stringify({ endpoint: new URL(moto.endpoint).host, provedAt: new Date().toISOString(), etagQuoting: "quoted" });
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: "prod/.mlforge/conditional-writes.json", Body: record }));
    await store.put("key", text, ifAbsent);
    expect(puts.filter((key) => key.startsWith("prod/.mlforge/probes/")).length).toBeGreaterThan(8);
  });

  it("is not made for a service that checks an etag and then writes", async () => {
    const bucket = await newBucket(clientOf(moto.endpoint));
    const client = clientOf(await checkThenWrite(moto.endpoint));
    onTestFinished(() => client.destroy());
    const store = new S3Store({ bucket, client });
    await expect(store.put("key", text, ifAbsent)).rejects.toMatchObject({
      code: "CAPABILITY_MISSING",
      details: { plugin: "s3", capability: "conditionalPut" },
      message: expect.stringMatching(/let \d of 8 racing replacements of one object succeed although each named the same etag in If-Match/),
    });
    expect((await store.diagnose()).find(({ action }) => action === "conditional writes")).toMatchObject({ outcome: "denied" });
    expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).toEqual([]);
  });

  it.each([
    [
      "of another service",
      JSON.stringify({
        endpoint: "other:9000",
        provedAt: new Date().toISOString(),
        etagQuoting: "quoted",
        raced: "If-None-Match and If-Match",
      }),
    ],
    ["that is not JSON", "{"],
    ["of another shape", '{"endpoint": true}'],
  ])("does not count %s", async (_, record) => {
    const bucket = await newBucket(clientOf(moto.endpoint));
    const { store, puts, client } = counted(bucket);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: "prod/.mlforge/conditional-writes.json", Body: record }));
    await store.put("key", text, ifAbsent);
    expect(puts.filter((key) => key.startsWith("prod/.mlforge/probes/")).length).toBeGreaterThan(4);
  });
});
