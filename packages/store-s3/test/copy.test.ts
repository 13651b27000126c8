import { describe, expect, it } from "vitest";
import { type Answer, type Asked, answeringServer, refuse } from "./answering-server.js";

const gibibyte = 1_024 ** 3;
const etag = "0123456789abcdef0123456789abcdef";
const newer = "fedcba9876543210fedcba9876543210";
const ifAbsent = { condition: { kind: "ifAbsent" } } as const;

const isProbe = ({ url }: Asked): boolean => url.includes("/.mlforge/probes/");
const isCopy = ({ headers }: Asked): boolean => headers["x-amz-copy-source"] !== undefined;
const isPart = (asked: Asked): boolean => isCopy(asked) && asked.url.includes("partNumber=");

interface Service {
  /** The etags of the source, in the order in which it is asked for, the last one forever. */
  readonly etags?: readonly string[];
  /** Bytes. */
  readonly size?: number;
  /** Answers copies and parts of copies. Defaults to success. */
  readonly copies?: Answer;
  /** Answers the copies of a probe. Defaults to those of a service that honors conditions. */
  readonly probed?: Answer;
}

const copied: Answer = ({ url }, response) => {
  const name = url.includes("partNumber=") ? "CopyPartResult" : "CopyObjectResult";
  response.end(`<${name}><ETag>"${etag}"</ETag></${name}>`);
};

function honoring(): Answer {
  const made = new Set<string>();
  return (asked, response, request) => {
    const { "x-amz-copy-source-if-match": match, "if-none-match": none } = asked.headers;
    if (none === "*" && made.has(asked.url)) return refuse(response, 412, "PreconditionFailed");
    if (match !== undefined && match !== `"${etag}"`) return refuse(response, 412, "PreconditionFailed");
    made.add(asked.url);
    return copied(asked, response, request);
  };
}

/** Answers as a service with the object `from` does. */
function service({ etags = [etag], size = 4, copies = copied, probed = honoring() }: Service): Answer {
  let heads = 0;
  return (asked, response, request) => {
    const { method, url } = asked;
    if (isProbe(asked) && isCopy(asked)) return probed(asked, response, request);
    if (isCopy(asked)) return copies(asked, response, request);
    if (method === "DELETE") return void response.writeHead(204).end();
    if (method === "HEAD") {
      const found = url.includes("/from") ? (etags[Math.min(heads++, etags.length - 1)] ?? "") : etag;
      return void response.writeHead(200, { etag: `"${found}"`, "content-length": String(size) }).end();
    }
    if (url.includes("?uploads"))
      return void response.end("<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>");
    if (method === "POST")
      return void response.end('<CompleteMultipartUploadResult><ETag>"whole-11"</ETag></CompleteMultipartUploadResult>');
    response.writeHead(200, { etag: `"${etag}"` }).end();
  };
}

const writes = (asked: readonly Asked[]): string[] =>
  asked.filter((entry) => entry.method !== "HEAD" && !isProbe(entry)).map(({ method, url }) => `${method} ${url}`);

/** Answers with each of `answers` in turn, the last one forever. */
function inTurn(...answers: readonly Answer[]): Answer {
  let count = 0;
  return (asked, response, request) => answers[Math.min(count++, answers.length - 1)]?.(asked, response, request);
}

const cut: Answer = (_, response) => void response.destroy();
const unmet: Answer = (_, response) => refuse(response, 412, "PreconditionFailed");
const missing: Answer = (_, response) => refuse(response, 404, "NoSuchKey");
const failed: Answer = (_, response) => refuse(response, 403, "AccessDenied");

describe("a copy", () => {
  it("is one request that names the source and its etag, with the encryption and storage class of the store", async () => {
    const { store, asked } = await answeringServer(service({}), {
      prefix: "some/prefix",
      sse: { kind: "S3" },
      storageClass: "STANDARD_IA",
    });
    await expect(store.copy("from/a b+c%20ü", "to")).resolves.toEqual({ key: "to", size: 4, etag });
    expect(writes(asked)).toEqual(["PUT /bucket/some/prefix/to?x-id=CopyObject"]);
    expect(asked.at(-1)?.headers).toMatchObject({
      "x-amz-copy-source": "bucket/some/prefix/from/a%20b%2Bc%2520%C3%BC",
      "x-amz-copy-source-if-match": `"${etag}"`,
      "x-amz-tagging-directive": "REPLACE",
      "x-amz-server-side-encryption": "AES256",
      "x-amz-storage-class": "STANDARD_IA",
    });
    expect(asked.at(-1)?.headers["if-none-match"]).toBeUndefined();
  });

  it("onto itself writes nothing, and with ifAbsent is STORE_CONFLICT", async () => {
    const { store, asked } = await answeringServer(service({}));
    await expect(store.copy("from", "from")).resolves.toEqual({ key: "from", size: 4, etag });
    await expect(store.copy("from", "from", ifAbsent)).rejects.toMatchObject({ code: "STORE_CONFLICT" });
    expect(writes(asked)).toEqual([]);
  });

  it("of a source that changed, or is gone, since it was looked at is refused", async () => {
    const changed = await answeringServer(service({ etags: [etag, newer], copies: unmet }));
    await expect(changed.store.copy("from", "to")).rejects.toMatchObject({
      code: "STORE_CONFLICT",
      details: { store: "s3", key: "from" },
    });
    const gone = await answeringServer((asked, response, request) =>
      asked.method === "GET" || (asked.method === "HEAD" && gone.asked.some(isCopy))
        ? missing(asked, response, request)
        : service({ copies: missing })(asked, response, request),
    );
    await expect(gone.store.copy("from", "to")).rejects.toMatchObject({ code: "STORE_NOT_FOUND", details: { key: "from" } });
  });

  it.each([
    ["503", ((_, response) => refuse(response, 503, "SlowDown")) satisfies Answer],
    ["a lost answer", cut],
  ])("that is refused after %s and a repeated request may have been our own success", async (_, first) => {
    const { store } = await answeringServer(service({ etags: [etag, newer], copies: inTurn(first, unmet) }));
    await expect(store.copy("from", "to")).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("may or may not have happened"),
    });
    const raced = await answeringServer(service({ copies: inTurn(first, unmet) }));
    await expect(raced.store.copy("from", "to", ifAbsent)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("whose answer begins as a success and ends as an error fails", async () => {
    const { store } = await answeringServer(
      service({ copies: (_, response) => void response.end("<Error><Code>InternalError</Code><Message>Words.</Message></Error>") }),
      {},
      { maxAttempts: 1 },
    );
    await expect(store.copy("from", "to")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("that may not be written names the permission for the target", async () => {
    const { store } = await answeringServer(service({ copies: failed }));
    await expect(store.copy("from", "to")).rejects.toMatchObject({
      code: "STORE_ACCESS_DENIED",
      message: "these credentials cannot copy s3://bucket/to; grant s3:PutObject on s3://bucket/to",
    });
  });

  it("has the size of what was copied if the service ignores the etag of the source", async () => {
    const { store } = await answeringServer((asked, response, request) => {
      if (asked.method !== "HEAD") return service({})(asked, response, request);
      const [found, size] = asked.url.includes("/from") ? [newer, "4"] : [etag, "7"];
      response.writeHead(200, { etag: `"${found}"`, "content-length": size }).end();
    });
    await expect(store.copy("from", "to")).resolves.toEqual({ key: "to", size: 7, etag });
  });

  it("is refused by a writeOnly store, which cannot look at the source", async () => {
    const { store, asked } = await answeringServer(service({}), { writeOnly: true });
    await expect(store.copy("from", "to")).rejects.toMatchObject({ code: "CAPABILITY_MISSING" });
    expect(asked).toEqual([]);
  });
});

describe("conditions of a copy", () => {
  it("go as headers, after one test each, which leaves nothing behind", async () => {
    const { store, asked } = await answeringServer(service({}));
    await store.copy("from", "a", ifAbsent);
    expect(asked.at(-1)?.headers).toMatchObject({ "if-none-match": "*", "x-amz-copy-source-if-match": `"${etag}"` });
    await store.copy("from", "b", { sourceEtag: etag });
    const probes = asked.filter(isProbe);
    await Promise.all(["c", "d"].map((key) => store.copy("from", key, { ...ifAbsent, sourceEtag: etag })));
    expect(asked.filter(isProbe)).toEqual(probes);
    const [put, deleted] = ["PUT", "DELETE"].map(
      (method) => new Set(probes.filter((one) => one.method === method).map(({ url }) => url.split("?")[0])),
    );
    expect(deleted).toEqual(put);
    expect(put?.size).toBe(4);
  });

  it.each([
    ["ifAbsent", ifAbsent, "it let 8 of 8 racing creations of one object succeed"],
    ["sourceEtag", { sourceEtag: etag }, "it copied an object although x-amz-copy-source-if-match named another etag"],
  ])("are refused if the service ignores %s, and nothing is written", async (_, options, message) => {
    const { store, asked } = await answeringServer(service({ probed: copied }));
    await expect(store.copy("from", "to", options)).rejects.toMatchObject({
      code: "CAPABILITY_MISSING",
      message: expect.stringContaining(message),
    });
    expect(writes(asked)).toEqual([]);
  });

  it("are refused if no etag will do for the service", async () => {
    const { store } = await answeringServer(service({ probed: unmet }));
    await expect(store.copy("from", "to", { sourceEtag: etag })).rejects.toMatchObject({
      code: "CAPABILITY_MISSING",
      message: expect.stringContaining("did not copy an object"),
    });
  });

  it("that do not hold are STORE_CONFLICT", async () => {
    const { store, asked } = await answeringServer(service({ copies: unmet }));
    await expect(store.copy("from", "to", ifAbsent)).rejects.toMatchObject({ code: "STORE_CONFLICT", details: { key: "to" } });
    const before = asked.length;
    await expect(store.copy("from", "to", { sourceEtag: newer })).rejects.toMatchObject({
      code: "STORE_CONFLICT",
      details: { key: "from" },
    });
    expect(writes(asked.slice(before))).toEqual([]);
  });

  it("of the target are refused beyond 5 GiB", async () => {
    const { store, asked } = await answeringServer(service({ size: 5 * gibibyte + 1 }));
    await expect(store.copy("from", "to", ifAbsent)).rejects.toMatchObject({
      code: "CAPABILITY_MISSING",
      message: expect.stringContaining("5 GiB"),
    });
    expect(asked.filter(({ method }) => method !== "HEAD")).toEqual([]);
  });
});

describe("a copy of more than 5 GiB", () => {
  const size = 5 * gibibyte + 1;

  it("is made in parts that cover the object once, a few at a time", async () => {
    let [now, most] = [0, 0];
    const { store, client, asked } = await answeringServer(
      service({
        size,
        copies: async (entry, response, request) => {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setImmediate(resolve));
          now--;
          return copied(entry, response, request);
        },
      }),
      { concurrency: 3, sse: { kind: "S3" } },
    );
    const numbers: unknown[] = [];
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "CompleteMultipartUploadCommand") numbers.push(JSON.parse(JSON.stringify(args.input)));
          return next(args);
        },
      { step: "initialize" },
    );
    await expect(store.copy("from", "to")).resolves.toEqual({ key: "to", size, etag: "whole-11" });
    const parts = asked.filter(isPart);
    let end = 0;
    for (const { headers } of [...parts].sort((a, b) => startOf(a) - startOf(b))) {
      const [from, to] = /^bytes=(\d+)-(\d+)$/.exec(String(headers["x-amz-copy-source-range"]))?.slice(1).map(Number) ?? [];
      expect(from).toBe(end);
      end = (to ?? 0) + 1;
      expect(headers["x-amz-copy-source-if-match"]).toBe(`"${etag}"`);
    }
    expect(end).toBe(size);
    expect(parts.length).toBe(11);
    expect(most).toBeLessThanOrEqual(3);
    expect(numbers).toMatchObject([
      { MultipartUpload: { Parts: Array.from({ length: 11 }, (_, i) => ({ PartNumber: i + 1, ETag: `"${etag}"` })) } },
    ]);
    expect(asked.find(({ url }) => url.includes("?uploads"))?.headers).toMatchObject({ "x-amz-server-side-encryption": "AES256" });
  });

  it.each([
    ["a part is refused", { copies: inTurn(copied, copied, failed) }, "STORE_ACCESS_DENIED"],
    [
      "the service says in a part that the source changed",
      { etags: [etag, newer], copies: inTurn(copied, copied, unmet) },
      "STORE_CONFLICT",
    ],
    ["the source changed and the service copied it regardless", { etags: [etag, newer] }, "STORE_CONFLICT"],
  ])("is given up, and its parts are removed, if %s", async (_, answers, code) => {
    const { store, asked } = await answeringServer(service({ size, ...answers }));
    await expect(store.copy("from", "to")).rejects.toMatchObject({ code });
    expect(writes(asked).at(-1)).toMatch(/^DELETE .*uploadId=id/);
    expect(asked.filter(({ method, url }) => method === "POST" && url.includes("uploadId"))).toEqual([]);
  });

  it("is given up when it is aborted, and its parts are removed", async () => {
    const controller = new AbortController();
    const { store, asked } = await answeringServer(
      service({
        size,
        copies: (entry, response, request) => {
          if (entry.url.includes("partNumber=3")) controller.abort("enough");
          return copied(entry, response, request);
        },
      }),
    );
    await expect(store.copy("from", "to", { signal: controller.signal })).rejects.toBe("enough");
    expect(writes(asked).at(-1)).toMatch(/^DELETE .*uploadId=id/);
    expect(asked.filter(({ method, url }) => method === "POST" && url.includes("uploadId"))).toEqual([]);
  });

  it("may have happened if its upload is gone when it is completed", async () => {
    const answer = service({ size });
    const { store } = await answeringServer((entry, response, request) =>
      entry.method === "POST" && entry.url.includes("uploadId") ? refuse(response, 404, "NoSuchUpload") : answer(entry, response, request),
    );
    await expect(store.copy("from", "to")).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("may or may not have happened"),
    });
  });
});

function startOf({ url }: Asked): number {
  return Number(/partNumber=(\d+)/.exec(url)?.[1]);
}
