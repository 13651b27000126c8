import { once } from "node:events";
import { createServer } from "node:http";
import { carryOut } from "./exchange.js";
import type { Decide, RecordedRequest } from "./fault.js";

/** A running proxy. */
export interface FaultProxy extends AsyncDisposable {
  /** Where clients send what is meant for the target. */
  readonly url: string;
  /** Every request so far, in the order in which they came. */
  readonly requests: readonly RecordedRequest[];
}

/**
 * Starts a proxy on a free port of 127.0.0.1 that sends each request on to the target as it came, its target and Host included, and does to it
 * what `decide` says. A target that fails is an answer 502.
 */
export async function faultProxy(options: { readonly target: string; readonly decide?: Decide }): Promise<FaultProxy> {
  const target = new URL(options.target);
  if (target.protocol !== "http:") throw new TypeError(`not an http: address: ${options.target}`);
  const requests: RecordedRequest[] = [];
  // A request that the proxy never answers must be the client's to give up.
  // And a connection that idles must not break just as the client uses it again: no fault comes unasked.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (incoming, outgoing) => {
    const request = { index: requests.length, method: incoming.method ?? "", target: incoming.url ?? "", headers: incoming.headers };
    const fault = options.decide?.(request);
    const recorded = { ...request, fault, targetStatus: undefined, status: undefined, bytesUp: 0, bytesDown: 0 };
    requests.push(recorded);
    outgoing.sendDate = false;
    carryOut({ incoming, outgoing, target, fault, progress: recorded }).catch(() => {
      if (outgoing.headersSent) incoming.socket.destroy();
      else outgoing.writeHead(502).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`no port: ${address}`);
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
