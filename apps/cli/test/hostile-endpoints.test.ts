import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flightsCsv, flightsDefinitions } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

const retried = /trying again: .*127\.0\.0\.1:\d+ gave no complete answer within 0\.3 s/;

/** What answers instead of a store, and what the commands write to stderr. */
const endpoints: readonly (readonly [name: string, misbehave: (socket: Socket) => void, told: RegExp])[] = [
  ["accepts and never answers", () => {}, retried],
  [
    "drips a body for ever",
    (socket) => {
      const head = 'HTTP/1.1 200 OK\r\netag: "0"\r\ncontent-type: application/xml\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\n';
      socket.write(head);
      const timer = setInterval(() => socket.write(" "), 50);
      socket.on("close", () => clearInterval(timer));
    },
    retried,
  ],
  [
    "answers with a web page",
    (socket) => {
      const head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nserver: nginx\r\ncontent-length: 13\r\nconnection: close\r\n\r\n";
      socket.end(`${head}<html></html>`);
    },
    /answered with a web page \(status 200, text\/html, server "nginx"\), so it is not S3; check the endpoint of the store/,
  ],
];

/** The commands that read or write the store. */
const commands: readonly (readonly string[])[] = [
  ["build"],
  ["plan"],
  ["list", "versions", "airport_total"],
  ["log", "airport_total"],
  ["verify"],
  ["prune", "--keep", "1"],
  ["rollback", "airport_total", "1.0.0", "--reason", "test"],
  ["sync"],
  ["diff", "airport_total", "1.0.0", "1.0.1"],
  ["manifest"],
  ["doctor", "--store"],
];

describe.each(endpoints)("a store whose endpoint %s", (_, misbehave, told) => {
  let project: Project;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => misbehave(socket));
    socket.on("data", () => {});
  });

  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const options = { bucket: "bucket", endpoint: `http://127.0.0.1:${address.port}`, answerTimeout: 300, retryTimeout: 800 };
    const definitions = flightsDefinitions
      .replace('import { LocalStore } from "@mlforge/store-local";', 'import { S3Store } from "@mlforge/store-s3";')
      .replace('new LocalStore("./feature_store")', `new S3Store(${JSON.stringify(options)})`);
    project = await Project.create({ "definitions.ts": definitions, "data/flights.csv": flightsCsv });
  });
  afterAll(async () => {
    server.close();
    await project[Symbol.asyncDispose]();
  });

  it.each(commands.map((args) => [args.join(" "), args] as const))("ends %s with an error that says so", async (_, args) => {
    const { exitCode, stdout, stderr } = await project.run(args, { env: { AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any" } });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("STORE_UNAVAILABLE");
    expect(stdout + stderr).not.toMatch(/UNEXPECTED|bug in mlforge|Warning/);
    expect(stderr).toMatch(told);
  });
});
