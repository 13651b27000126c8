import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { answeringServer, refuse } from "./answering-server.js";

const headers = { etag: '"e"', "last-modified": "Wed, 01 Jan 2025 00:00:00 GMT" };

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe("a body", () => {
  it.each([
    ["breaks off", (response: ServerResponse) => void response.destroy()],
    ["is reset", (response: ServerResponse) => void response.socket?.resetAndDestroy()],
  ])("that %s is STORE_UNAVAILABLE, and what came before is given", async (_, end) => {
    const { store } = await answeringServer((_entry, response) => {
      response.writeHead(200, { ...headers, "content-length": "10" }).write("12345", () => end(response));
    });
    const { body, info } = await store.get("key");
    expect(info).toEqual({ key: "key", size: 10, etag: "e", modifiedAt: new Date("2025-01-01T00:00:00Z") });
    await expect(readAll(body)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", details: { store: "s3", operation: "get" } });
  });

  it("that breaks off before anybody reads does no harm", async () => {
    const { store } = await answeringServer((_, response) => {
      const checksum = { "x-amz-checksum-crc32": "AAAAAA==" };
      response.writeHead(200, { ...headers, ...checksum, "content-length": "10" }).write("12345", () => response.destroy());
    });
    const result = await store.get("key");
    await result[Symbol.asyncDispose]();
    await result[Symbol.asyncDispose]();
  });

  it("that stands still can be given up, and disposing of it frees the connection", async () => {
    const closed: Promise<void>[] = [];
    const { store } = await answeringServer((_, response) => {
      closed.push(new Promise((resolve) => response.once("close", resolve)));
      response.writeHead(200, { ...headers, "content-length": "10" }).write("12345");
    });
    const controller = new AbortController();
    const { body } = await store.get("key", { signal: controller.signal });
    const iterator = body[Symbol.asyncIterator]();
    expect(Buffer.from((await iterator.next()).value ?? []).toString()).toBe("12345");
    const next = iterator.next();
    controller.abort("enough");
    await expect(next).rejects.toBe("enough");
    await closed[0];
    {
      await using _ = await store.get("key");
    }
    await closed[1];
    const third = await store.get("key");
    for await (const part of third.body) {
      expect(part.length).toBe(5);
      break;
    }
    await closed[2];
  });

  it("whose checksum is another is STORE_UNAVAILABLE", async () => {
    const { store } = await answeringServer((_, response) => {
      response.writeHead(200, { ...headers, "x-amz-checksum-crc32": "AAAAAA==", "content-length": "5" }).end("12345");
    });
    const { body } = await store.get("key");
    await expect(readAll(body)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("that stands still longer than a connection may is STORE_UNAVAILABLE", async () => {
    const { store } = await answeringServer(
      (_, response) => void response.writeHead(200, { ...headers, "content-length": "10" }).write("12345"),
      {},
      { requestHandler: { socketTimeout: 300 } },
    );
    const { body } = await store.get("key");
    await expect(readAll(body)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});

describe("a range", () => {
  it.each([
    [{ start: 2, end: 5 }, "bytes=2-4"],
    [{ start: 2 }, "bytes=2-"],
    [{ start: 0 }, undefined],
    [{ suffix: 3 }, "bytes=-3"],
    [undefined, undefined],
  ])("%j is asked for as %j", async (range, expected) => {
    const { store, asked } = await answeringServer((entry, response) => {
      const part = entry.headers.range === undefined ? {} : { "content-range": "bytes 2-4/9" };
      response.writeHead(part["content-range"] === undefined ? 200 : 206, { ...headers, ...part, "content-length": "3" }).end("abc");
    });
    await using result = await store.get("key", { range });
    expect(await readAll(result.body)).toBe("abc");
    expect(asked[0]?.headers.range).toBe(expected);
    expect(result.info.size).toBe(expected === undefined ? 3 : 9);
  });

  it("of which the service gives fewer bytes than it says is STORE_UNAVAILABLE", async () => {
    const { store } = await answeringServer((_, response) => {
      response.writeHead(206, { ...headers, "content-range": "bytes 2-4/9" }).write("a", () => response.end("b"));
    });
    const { body } = await store.get("key", { range: { start: 2, end: 5 } });
    await expect(readAll(body)).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("after 2 of 3 bytes"),
    });
  });

  it("that the service ignores is CAPABILITY_MISSING, not other bytes", async () => {
    const { store } = await answeringServer(
      (_, response) => void response.writeHead(200, { ...headers, "content-length": "3" }).end("abc"),
    );
    await expect(store.get("key", { range: { start: 1, end: 2 } })).rejects.toMatchObject({ code: "CAPABILITY_MISSING" });
  });

  it("that was refused of an object that has it now is STORE_UNAVAILABLE", async () => {
    const { store } = await answeringServer((entry, response) => {
      if (entry.method === "GET") return refuse(response, 416, "InvalidRange");
      response.writeHead(200, { ...headers, "content-length": "100" }).end();
    });
    await expect(store.get("key", { range: { start: 50 } })).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it.each([{ start: -1 }, { start: 0.5 }, { start: 0, end: Number.NaN }, { suffix: -1 }])("%j is a RangeError", async (range) => {
    const { store } = await answeringServer((_, response) => refuse(response, 500, "X"));
    await expect(store.get("key", { range })).rejects.toBeInstanceOf(RangeError);
  });
});

describe("a HEAD that fails", () => {
  it("without a reason is asked again as a GET of a byte, which has one", async () => {
    const { store, asked } = await answeringServer((_, response) => refuse(response, 404, "NoSuchBucket"));
    await expect(store.head("key")).rejects.toMatchObject({ code: "BUCKET_NOT_FOUND" });
    expect(asked.map(({ method, headers: { range } }) => [method, range])).toEqual([
      ["HEAD", undefined],
      ["GET", "bytes=0-0"],
    ]);
  });

  it("of an object that came meanwhile tells of that", async () => {
    const { store } = await answeringServer((entry, response) => {
      if (entry.method === "HEAD") return refuse(response, 404, "");
      response.writeHead(206, { ...headers, "content-range": "bytes 0-0/7", "content-length": "1", "x-amz-version-id": "v1" }).end("a");
    });
    await expect(store.head("key")).resolves.toEqual({
      key: "key",
      size: 7,
      etag: "e",
      modifiedAt: new Date("2025-01-01"),
      versionId: "v1",
    });
  });
});

describe("a list", () => {
  const page = (key: string, truncated: boolean, more = "") => {
    const contents = `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`;
    return `<ListBucketResult><IsTruncated>${truncated}</IsTruncated>${more}${contents}</ListBucketResult>`;
  };

  /** The keys that a list gave, and what it ended with. */
  async function listed(second: string) {
    const { store, asked } = await answeringServer(({ url }, response) => {
      const first = page("a", true, "<NextContinuationToken>t1</NextContinuationToken>");
      response.writeHead(200, { "content-type": "application/xml" }).end(url.includes("continuation-token=t1") ? second : first);
    });
    const keys: string[] = [];
    const read = async (): Promise<void> => {
      for await (const entry of store.list("")) keys.push(entry.kind === "object" ? entry.info.key : entry.prefix);
    };
    const error = await read().catch((thrown: unknown) => thrown);
    return { keys, error, pages: asked.length };
  }

  it("goes on for as long as pages tell of another", async () => {
    expect(await listed(page("b", false))).toEqual({ keys: ["a", "b"], error: undefined, pages: 2 });
  });

  it.each(["", "<NextContinuationToken></NextContinuationToken>"])(
    "that is cut off with no token to go on is no whole one: %j",
    async (token) => {
      const { keys, error, pages } = await listed(page("b", true, token));
      expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", details: { store: "s3", operation: "list" } });
      expect({ keys, pages }).toEqual({ keys: ["a", "b"], pages: 2 });
    },
  );
});
