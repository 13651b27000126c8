import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { listening } from "./listening.js";

/** What a server does with a connection, after the first bytes of a request have come. */
export type Misbehavior = (socket: Socket) => void;

/** A server that speaks no HTTP of its own, and counts its connections. Ends with the test. */
export async function hostileServer(misbehave: Misbehavior): Promise<{ readonly endpoint: string; readonly connections: () => number }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => misbehave(socket));
    socket.on("data", () => {});
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { endpoint: `http://127.0.0.1:${await listening(server)}`, connections: () => connections };
}

/** Writes one byte of `text` at a time, and one of `more` for ever after. */
function drip(text: string, more: string): Misbehavior {
  return (socket) => {
    let written = 0;
    const timer = setInterval(() => {
      socket.write(text[written] ?? more);
      written += 1;
    }, 20);
    socket.on("close", () => clearInterval(timer));
  };
}

function say(head: string, body: string): Misbehavior {
  return (socket) => void socket.end(`HTTP/1.1 ${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

const page = "<html><head><title>Welcome</title></head><body>Hello<br></body></html>";
const endless =
  'HTTP/1.1 206 Partial Content\r\netag: "0"\r\ncontent-range: bytes 1-1000000/1000001\r\ncontent-type: application/xml\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\n';

/** Servers that never end an answer. */
export const silent: Readonly<Record<string, Misbehavior>> = {
  "accepts and never answers": () => {},
  "drips its headers for ever": drip("HTTP/1.1 200 OK\r\nx-slow: ", "x"),
  "drips a body for ever": (socket) => {
    socket.write(endless);
    drip("", " ")(socket);
  },
  "ends in mid-body": (socket) => void socket.write(`${endless}<List`),
};

/** Servers that are not S3. */
export const lying: Readonly<Record<string, Misbehavior>> = {
  "answers with a web page": say('200 OK\r\ncontent-type: text/html\r\netag: "1"\r\nserver: nginx', page),
  "answers 404 with a web page": say("404 Not Found\r\ncontent-type: text/html; charset=utf-8", page),
  "answers 403 with a web page": say("403 Forbidden\r\ncontent-type: text/html", page),
  "answers 301 with a web page": say("301 Moved Permanently\r\nlocation: https://example.com/\r\ncontent-type: text/html", page),
  "answers with JSON": say("200 OK\r\ncontent-type: application/json", "{}"),
  "answers 404 with text": say("404 Not Found\r\ncontent-type: text/plain", "404 page not found"),
  "answers 404 with nothing": say("404 Not Found", ""),
  "answers 200 with text": say("200 OK\r\ncontent-type: text/plain", "ok"),
  "answers 200 with nothing": say("200 OK", ""),
  "answers 400 with text": say("400 Bad Request\r\ncontent-type: text/plain", "Client sent an HTTP request to an HTTPS server."),
  "answers 200 with another XML": say("200 OK\r\ncontent-type: application/xml", "<feed><title>News</title></feed>"),
  "does not speak HTTP": (socket) => void socket.end("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
};
