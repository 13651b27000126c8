import { once } from "node:events";
import { createServer, type IncomingMessage, request as send } from "node:http";
import { type Decide, type Fault, faultAt, faultProxy, randomFaults } from "@mlforge/testkit/http";
import { describe, expect, it } from "vitest";

const text = "0123456789".repeat(100);

/** A server that answers with `text`, and what it was sent. */
async function target() {
  const received: { url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
  /** Bytes of each body that broke off. */
  const broken: number[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      broken.push(Buffer.concat(parts).length);
      return;
    }
    received.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(parts).toString() });
    response.writeHead(201, { "content-length": text.length, etag: '"e"' }).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${address.port}`, received, broken, [Symbol.asyncDispose]: close };
}

/** A PUT of `text` through a proxy; gives what the client saw, what the server got and what the proxy recorded. */
async function put(fault: Fault | undefined, signal?: AbortSignal) {
  await using server = await target();
  await using proxy = await faultProxy({ target: server.url, decide: () => fault });
  const outcome = await fetch(`${proxy.url}/a`, { method: "PUT", body: text, ...(signal ? { signal } : {}) }).then(
    async (response) => {
      const body = await response.text().catch(() => "broken");
      return `${response.status} ${body}`;
    },
    (error: Error) => error.name,
  );
  return { outcome, received: server.received.map(({ body }) => body), recorded: proxy.requests };
}

describe("faultProxy", () => {
  it("sends requests on as they came, and answers back", async () => {
    await using server = await target();
    await using proxy = await faultProxy({ target: server.url });
    const path = "/a%2Fb/dt=1/c+d/../%C3%A9?prefix=a/&x";
    const request = send(proxy.url, { method: "PUT", path, headers: { Host: "signed.example", "X-Amz-Date": "now" } }).end(text);
    const [response]: IncomingMessage[] = await once(request, "response");
    response?.resume();
    expect(response?.statusCode).toBe(201);
    expect(response?.headers.etag).toBe('"e"');
    expect(server.received).toMatchObject([{ url: path, body: text, headers: { host: "signed.example", "x-amz-date": "now" } }]);
    expect(proxy.requests).toMatchObject([{ index: 0, method: "PUT", target: path, status: 201, bytesUp: 1000 }]);
  });

  it.each([
    { when: "before", received: [], targetStatus: undefined },
    { when: "after", received: [text], targetStatus: 201 },
  ] as const)("fails $when the target has applied the request", async ({ when, received, targetStatus }) => {
    const slowDown = await put({ kind: "status", status: 503, code: "SlowDown", when });
    expect(slowDown.outcome).toMatch(/^503 .*<Error><Code>SlowDown<\/Code>/);
    expect(slowDown.received).toEqual(received);
    expect(slowDown.recorded).toMatchObject([{ status: 503, targetStatus, bytesUp: 1000 }]);

    const reset = await put({ kind: "reset", when });
    expect(reset).toMatchObject({ outcome: "TypeError", received, recorded: [{ status: undefined, targetStatus }] });

    const timeout = await put({ kind: "timeout", when }, AbortSignal.timeout(500));
    expect(timeout).toMatchObject({ outcome: "TimeoutError", received, recorded: [{ status: undefined, targetStatus }] });
  });

  it.each([
    ["of a known length", { "Content-Length": 1_000_000 }, 500_000],
    ["in chunks", { "Transfer-Encoding": "chunked" }, 1],
  ])("resets an upload %s in its middle, and the target sees no more of it", async (_, headers, seen) => {
    await using server = await target();
    await using proxy = await faultProxy({ target: server.url, decide: () => ({ kind: "reset", when: "midBody" }) });
    const request = send(`${proxy.url}/a`, { method: "PUT", headers, agent: false });
    request.end(Buffer.alloc(1_000_000, text));
    const [error] = await once(request, "close").then(
      () => [undefined],
      (thrown: NodeJS.ErrnoException) => [thrown.code],
    );
    expect(error).toMatch(/ECONNRESET|EPIPE/);
    await expect.poll(() => server.broken).toEqual([seen]);
    expect(server.received).toEqual([]);
    expect(proxy.requests).toMatchObject([{ status: undefined, targetStatus: undefined }]);
  });

  it("breaks an answer off in its body", async () => {
    await using server = await target();
    await using proxy = await faultProxy({ target: server.url, decide: () => ({ kind: "reset", when: "midBody" }) });
    const response = await fetch(proxy.url);
    await expect(response.text()).rejects.toThrow();
    expect(proxy.requests).toMatchObject([{ status: 201, targetStatus: 201, bytesDown: 500 }]);
    const truncated = await put({ kind: "truncate", bytes: 10 });
    expect(truncated).toMatchObject({ outcome: "201 broken", received: [text], recorded: [{ status: 201, bytesDown: 10 }] });
  });

  it("slows bodies down, both ways", async () => {
    const started = performance.now();
    const slow = await put({ kind: "slow", bytesPerSecond: 4000 });
    expect(slow).toMatchObject({ outcome: `201 ${text}`, received: [text] });
    expect(performance.now() - started).toBeGreaterThan(450);
  });

  it("answers 502 when the target does not", async () => {
    const server = await target();
    await server[Symbol.asyncDispose]();
    await using proxy = await faultProxy({ target: server.url });
    expect((await fetch(proxy.url)).status).toBe(502);
  });
});

describe("deciders", () => {
  const fault: Fault = { kind: "timeout", when: "before" };
  const outcomes = (decide: Decide) =>
    Array.from({ length: 1000 }, (_, index) => decide({ index, method: "GET", target: "/", headers: {} }) !== undefined);

  it("fault one request", () => {
    expect(outcomes(faultAt(3, fault)).flatMap((faulted, index) => (faulted ? [index] : []))).toEqual([3]);
  });

  it("fault at random, the same for the same seed", () => {
    const of = (seed: number) => outcomes(randomFaults({ seed, probability: 0.25, faults: [fault] }));
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    const faulted = of(1).filter(Boolean).length;
    expect(faulted).toBeGreaterThan(200);
    expect(faulted).toBeLessThan(300);
  });
});
