import { describe, expect, it } from "vitest";
import { type Answer, accept, answeringServer, probing, refuse } from "./answering-server.js";

const text = Buffer.from("text");
const etag = "0123456789abcdef0123456789abcdef";
const ifAbsent = { condition: { kind: "ifAbsent" } } as const;
const ifMatch = { condition: { kind: "ifMatch", etag } } as const;

/** A store on a service that holds conditions and answers a put with each of `answers` in turn, the last one for ever. */
async function answeredBy(...answers: readonly Answer[]) {
  let count = 0;
  return answeringServer(probing((entry, response, request) => answers[Math.min(count++, answers.length - 1)]?.(entry, response, request)));
}

const unmet: Answer = (_, response) => refuse(response, 412, "PreconditionFailed");
const raced: Answer = (_, response) => refuse(response, 409, "ConditionalRequestConflict");
const down: Answer = (_, response) => refuse(response, 503, "SlowDown");
const taken: Answer = (_, response) => accept(response);
const cut: Answer = (_, response) => void response.destroy();

describe("a condition", () => {
  it("goes as If-None-Match and If-Match", async () => {
    const { store, asked } = await answeredBy(taken);
    await store.put("key", text, ifAbsent);
    expect(asked.at(-1)?.headers).toMatchObject({ "if-none-match": "*" });
    await store.put("key", text, ifMatch);
    expect(asked.at(-1)?.headers).toMatchObject({ "if-match": `"${etag}"` });
  });

  it.each([ifAbsent, ifMatch])("that does not hold is STORE_CONFLICT: %j", async (options) => {
    const { store } = await answeredBy(unmet);
    await expect(store.put("key", text, options)).rejects.toMatchObject({ code: "STORE_CONFLICT", details: { store: "s3", key: "key" } });
  });

  it.each([
    ["503", down],
    ["a lost answer", cut],
  ])("that does not hold after %s and a repeated request may have been our own success", async (_, first) => {
    for (const options of [ifAbsent, ifMatch]) {
      const { store } = await answeredBy(first, unmet);
      await expect(store.put("key", text, options)).rejects.toMatchObject({
        code: "STORE_UNAVAILABLE",
        message: expect.stringContaining("may or may not have happened"),
      });
    }
  });

  it("that raced with another is put again until it is decided", async () => {
    const { store, asked } = await answeredBy(raced, raced, taken);
    await expect(store.put("key", text, ifAbsent)).resolves.toEqual({ key: "key", size: 4, etag });
    expect(asked.filter(({ url }) => url.startsWith("/bucket/key")).length).toBe(3);
    const lost = await answeredBy(raced, unmet);
    await expect(lost.store.put("key", text, ifAbsent)).rejects.toMatchObject({ code: "STORE_CONFLICT" });
  });

  it("that races for ever is STORE_UNAVAILABLE", async () => {
    const { store, asked } = await answeredBy(raced);
    await expect(store.put("key", text, ifMatch)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(asked.filter(({ url }) => url.startsWith("/bucket/key")).length).toBeLessThan(20);
  });

  it("that may have been met before it raced is not called lost", async () => {
    const { store } = await answeredBy(cut, raced, unmet);
    await expect(store.put("key", text, ifAbsent)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("of an etag is not met by a missing object, and a missing bucket is another matter", async () => {
    const missing = await answeredBy((_, response) => refuse(response, 404, "NoSuchKey"));
    await expect(missing.store.put("key", text, ifMatch)).rejects.toMatchObject({ code: "STORE_CONFLICT" });
    const gone = await answeredBy((_, response) => refuse(response, 404, "NoSuchBucket"));
    await expect(gone.store.put("key", text, ifMatch)).rejects.toMatchObject({ code: "BUCKET_NOT_FOUND" });
    const nowhere = await answeredBy((_, response) => refuse(response, 404, "NoSuchKey"));
    await expect(nowhere.store.put("key", text, ifAbsent)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it.each(["*", "made up", 'a"b', "a,b", "", "line\nbreak", "ü"])(
    "of the etag %j, which no object has, is STORE_CONFLICT",
    async (made) => {
      const { store, asked } = await answeredBy(taken);
      await expect(store.put("key", text, { condition: { kind: "ifMatch", etag: made } })).rejects.toMatchObject({
        code: "STORE_CONFLICT",
      });
      expect(asked.filter(({ url }) => url.startsWith("/bucket/key"))).toEqual([]);
    },
  );

  it("of an etag needs s3:GetObject with Amazon; where that is denied only ifAbsent works", async () => {
    const holds = probing(taken);
    const { store } = await answeringServer(
      (entry, response, request) =>
        entry.headers["if-match"] === undefined ? holds(entry, response, request) : refuse(response, 403, "AccessDenied"),
      { writeOnly: true },
    );
    await store.put("key", text, ifAbsent);
    await expect(store.put("key", text, ifMatch)).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
  });

  it("is refused by a signal, also while it is repeated", async () => {
    const controller = new AbortController();
    const { store } = await answeredBy((entry, response, request) => {
      controller.abort("enough");
      return raced(entry, response, request);
    });
    await expect(store.put("key", text, { ...ifAbsent, signal: controller.signal })).rejects.toBe("enough");
  });
});
