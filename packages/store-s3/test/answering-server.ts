import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { S3Store, type S3StoreOptions } from "../src/index.js";
import { listening } from "./listening.js";

export interface Asked {
  readonly method: string;
  /** As it came: `/bucket/key?x-id=GetObject`. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export type Answer = (asked: Asked, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

/** A server that answers what no test server can be brought to answer, and a store that asks it. Ends with the test. */
export async function answeringServer(answer: Answer, options: Partial<S3StoreOptions> = {}, config: S3ClientConfig = {}) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    if (request.headers.expect !== undefined) response.writeContinue();
    const entry = { method: request.method ?? "", url: request.url ?? "", headers: request.headers };
    asked.push(entry);
    // A request is read to its end before it is answered, as services do.
    request.resume();
    await once(request, "end").catch(() => undefined);
    await answer(entry, response, request);
  });
  const host = `127.0.0.1:${await listening(server)}`;
  const client = new S3Client({
    endpoint: `http://${host}`,
    region: "eu-west-1",
    forcePathStyle: true,
    followRegionRedirects: true,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "hush-hush" },
    ...config,
  });
  onTestFinished(() => client.destroy());
  return { asked, client, host, store: new S3Store({ bucket: "bucket", client, ...options }) };
}

/** An error as S3 writes it. */
export function refuse(response: ServerResponse, status: number, code: string, more = "", headers: Record<string, string> = {}): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>Words of the service.</Message>${more}</Error>`;
  response.writeHead(status, { "content-type": "application/xml", ...headers }).end(response.req.method === "HEAD" ? undefined : body);
}

/** The answer to a PUT. */
export function accept(response: ServerResponse, etag = '"0123456789abcdef0123456789abcdef"'): void {
  response.writeHead(200, { etag }).end();
}

/** Holds conditions for probes; everything else is left to `answer`. */
export function probing(answer: Answer): Answer {
  const etags = new Map<string, string>();
  let written = 0;
  return (asked, response, request) => {
    const [path = ""] = asked.url.split("?");
    if (path.endsWith("conditional-writes.json")) return asked.method === "GET" ? refuse(response, 404, "NoSuchKey") : accept(response);
    if (!path.includes("/.mlforge/probes/")) return answer(asked, response, request);
    if (asked.method === "DELETE") return void response.writeHead(204).end();
    const { "if-match": match, "if-none-match": none } = asked.headers;
    if (none === "*" && etags.has(path)) return refuse(response, 412, "PreconditionFailed");
    if (match !== undefined && match !== etags.get(path)) return refuse(response, 412, "PreconditionFailed");
    const etag = `"${`${++written}`.padStart(32, "a")}"`;
    etags.set(path, etag);
    accept(response, etag);
  };
}
