import { request as ask, createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { listening } from "./listening.js";

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Starts a proxy before an S3 service that has the fault of many gateways: it looks for the etag that `If-Match` names, and then writes without a
 * condition. What has no `If-Match` passes unchanged. Ends with the test.
 */
export async function checkThenWrite(endpoint: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const { method = "", url = "" } = request;
    const { "if-match": match, expect: _, ...headers } = request.headers;
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = await bytesOf(request);
    const found =
      match === undefined
        ? undefined
        : await send("HEAD", url, { host: headers.host, authorization: headers.authorization }, Buffer.alloc(0));
    const isMet = match === undefined || found?.headers.etag === match;
    const answer = isMet ? await send(method, url, headers, body) : unmet;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return `http://127.0.0.1:${await listening(server)}`;

  async function send(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Reply> {
    const asked = ask(new URL(path, endpoint), { method, headers });
    const answered = new Promise<IncomingMessage>((done, fail) => void asked.once("response", done).once("error", fail));
    asked.end(body);
    const response = await answered;
    return { status: response.statusCode ?? 0, headers: response.headers, body: await bytesOf(response) };
  }
}

const unmet: Reply = {
  status: 412,
  headers: { "content-type": "application/xml" },
  body: Buffer.from("<Error><Code>PreconditionFailed</Code><Message>Words of the service.</Message></Error>"),
};

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
