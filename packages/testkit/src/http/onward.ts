import { type ClientRequest, type IncomingMessage, request } from "node:http";

/** Creates the request to the target, equal to the one to the proxy, still without its body. */
export function onward({ method, url: path, rawHeaders: headers }: IncomingMessage, { hostname: host, port }: URL): ClientRequest {
  return request({ host, port, method, path, headers, setHost: false, agent: false });
}
