import { once } from "node:events";
import { createServer } from "node:http";
import { carryOut } from "./exchange.js";
import type { Decide, RecordedRequest } from "./fault.js";

/** A running proxy. */
export interface FaultProxy extends AsyncDisposable {
  /** The URL to use instead of the target's. */
  readonly url: string;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly RecordedRequest[];
}

/**
 * Starts a proxy on a free port of 127.0.0.1 that forwards each request to the target unchanged, including its request target and Host, and applies
 * the fault that `decide` returns. If the target fails, the proxy answers 502.
 */
export async function faultProxy(options: { readonly target: string; readonly decide?: Decide }): Promise<FaultProxy> {
  const target = new URL(options.target);
  if (target.protocol !== "http:") throw new TypeError(`not an http: address: ${options.target}`);
  const requests: RecordedRequest[] = [];
  // If the proxy never answers a request, the client must give up, not the proxy.
  // An idle connection must not break just as the client uses it again: only requested faults occur.
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
