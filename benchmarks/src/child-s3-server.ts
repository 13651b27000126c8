/**
 * Speaks as much S3 as the benchmark needs, and does as little as it can: serves the objects of a folder and their ranges, counts what is put and
 * forgets it. Prints its port; ends with its standard input. `GET /-/moved` gives the bytes of objects that came
 * or went since it was last asked.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import { everyEtag } from "./s3-version.js";

const { folder } = v.parse(v.object({ folder: v.string() }), JSON.parse(process.argv[2] ?? ""));
const etag = { ETag: `"${everyEtag}"` };
let moved = 0;

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify(server.address())));
process.stdin.on("end", () => process.exit()).resume();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
  if (pathname === "/-/moved") {
    response.end(String(moved));
    moved = 0;
  } else if (request.method === "GET" || request.method === "HEAD") {
    await serve(join(folder, pathname.split("/").slice(2).join("/")), request, response);
  } else {
    for await (const part of request) if (request.method === "PUT") moved += part.length;
    if (request.method === "PUT") response.writeHead(200, etag).end();
    else if (searchParams.has("uploads")) xml(response, "InitiateMultipartUploadResult", "<UploadId>1</UploadId>");
    else xml(response, "CompleteMultipartUploadResult", `<ETag>&quot;${everyEtag}&quot;</ETag>`);
  }
}

async function serve(file: string, { method, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return xml(response, "Error", "<Code>NoSuchKey</Code>", 404);
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  const ranged = from !== undefined && to !== undefined;
  const [start, end] = ranged ? [Number(from), Math.min(Number(to), found.size - 1)] : [0, found.size - 1];
  const length = end - start + 1;
  response.writeHead(ranged ? 206 : 200, {
    ...etag,
    "Content-Length": length,
    "Last-Modified": found.mtime.toUTCString(),
    ...(ranged ? { "Content-Range": `bytes ${start}-${end}/${found.size}` } : {}),
  });
  if (method === "HEAD") {
    response.end();
    return;
  }
  moved += length;
  await pipeline(createReadStream(file, { start, end, highWaterMark: 1_024 ** 2 }), response);
}

function xml(response: ServerResponse, root: string, inside: string, status = 200): void {
  response.writeHead(status, { "Content-Type": "application/xml" }).end(`<?xml version="1.0"?><${root}>${inside}</${root}>`);
}
