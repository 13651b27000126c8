import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Fault } from "./fault.js";
import { onward } from "./onward.js";
import { paced } from "./paced.js";
import { hasBody, resetUpload } from "./reset-upload.js";

/** A request on its way through the proxy. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly target: URL;
  readonly fault: Fault | undefined;
  /** The record of the request so far. */
  readonly progress: { targetStatus: number | undefined; status: number | undefined; bytesUp: number; bytesDown: number };
}

/** Handles a request with its fault. */
export async function carryOut(exchange: Exchange): Promise<void> {
  const { incoming, fault } = exchange;
  incoming.on("data", ({ length }: Buffer) => {
    exchange.progress.bytesUp += length;
  });
  incoming.pause();
  const before = fault !== undefined && "when" in fault && fault.when === "before";
  if (before) {
    if (fault.kind !== "reset") await drain(incoming);
    fail(exchange, fault);
    return;
  }
  if (fault?.kind === "reset" && fault.when === "midBody" && hasBody(incoming)) {
    await resetUpload(incoming, exchange.target);
    return;
  }
  const answer = await forward(exchange);
  exchange.progress.targetStatus = answer.statusCode;
  if (fault !== undefined && "when" in fault && fault.when === "after") {
    await drain(answer);
    fail(exchange, fault);
    return;
  }
  await deliver(exchange, answer);
}

function fail({ outgoing, incoming, progress }: Exchange, fault: Fault): void {
  if (fault.kind === "reset") incoming.socket.destroy();
  if (fault.kind !== "status") return;
  const body =
    incoming.method === "HEAD"
      ? ""
      : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${fault.code}</Code><Message>${fault.code}</Message></Error>`;
  outgoing.writeHead(fault.status, { "content-type": "application/xml", ...(body === "" ? {} : { "content-length": body.length }) });
  outgoing.end(body);
  progress.status = fault.status;
  progress.bytesDown = body.length;
}

/** Forwards the request unchanged. Returns the answer once its headers have arrived. */
function forward({ incoming, target, fault }: Exchange): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const upstream = onward(incoming, target);
    upstream.on("response", resolve).on("error", reject);
    const body = fault?.kind === "slow" ? pipeline(incoming, paced(fault.bytesPerSecond), upstream) : pipeline(incoming, upstream);
    body.catch(reject);
  });
}

/** Sends the client the answer, or the part of it that the fault allows. */
async function deliver({ incoming, outgoing, fault, progress }: Exchange, answer: IncomingMessage): Promise<void> {
  const limit = limitOf(fault, answer);
  if (fault?.kind === "reset" && limit === 0) {
    incoming.socket.destroy();
    return;
  }
  outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", answer.rawHeaders);
  outgoing.flushHeaders();
  progress.status = answer.statusCode;
  for await (const chunk of fault?.kind === "slow" ? answer.pipe(paced(fault.bytesPerSecond)) : answer) {
    const part: Buffer = chunk.subarray(0, limit - progress.bytesDown);
    await new Promise<void>((resolve, reject) => outgoing.write(part, (error) => (error ? reject(error) : resolve())));
    progress.bytesDown += part.length;
    if (progress.bytesDown >= limit) break;
  }
  if (fault?.kind === "reset" || fault?.kind === "truncate") incoming.socket.destroy();
  else outgoing.end();
}

/** Returns the number of bytes of the answer's body that the client gets. */
function limitOf(fault: Fault | undefined, answer: IncomingMessage): number {
  if (fault?.kind === "truncate") return fault.bytes;
  if (fault?.kind !== "reset") return Number.POSITIVE_INFINITY;
  const length = answer.headers["content-length"];
  if (length !== undefined) return Math.floor(Number(length) / 2);
  return answer.headers["transfer-encoding"] === undefined ? 0 : 1;
}

async function drain(stream: IncomingMessage): Promise<void> {
  for await (const _ of stream);
}
