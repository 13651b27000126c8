import { describe, expect, it } from "vitest";
import { answeringServer, refuse } from "./answering-server.js";

const at = "Sun, 06 Nov 1994 08:49:37 GMT";
const empty = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

describe("the clock of a store in S3", () => {
  it("is that of the service's answers", async () => {
    const { store, asked } = await answeringServer((_, response) => void response.writeHead(200, { date: at }).end(empty));
    expect((await store.clock()).toISOString()).toBe("1994-11-06T08:49:37.000Z");
    expect(asked).toHaveLength(1);
  });

  it.each(["AccessDenied", "RequestTimeTooSkewed"])("is told by a refusal too: %s", async (code) => {
    const { store } = await answeringServer((_, response) => refuse(response, 403, code, "", { date: at }), {}, { maxAttempts: 1 });
    expect((await store.clock()).toISOString()).toBe("1994-11-06T08:49:37.000Z");
  });

  it.each([undefined, "yesterday"])("is unknown where the answer says %s", async (date) => {
    const { store } = await answeringServer((_, response) => {
      response.sendDate = false;
      response.writeHead(200, date === undefined ? {} : { date }).end(empty);
    });
    await expect(store.clock()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("rejects with the reason of an abort", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const { store } = await answeringServer((_, response) => void response.end(empty));
    await expect(store.clock({ signal })).rejects.toBe(signal.reason);
  });
});
