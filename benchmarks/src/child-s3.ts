/** Sends a version to a bucket, or fetches it from there: through mlforge, or with the AWS SDK by hand. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { Definitions } from "@mlforge/core";
import { S3Store } from "@mlforge/store-s3";
import * as v from "valibot";
import { noFormat } from "./no-format.js";
import { bucket, columnName, dataKey, s3JobSchema, uploadSettings } from "./s3-job.js";
import { wideFeature } from "./s3-version.js";

const { side, task, endpoint, file, folder } = v.parse(s3JobSchema, JSON.parse(process.argv[2] ?? ""));
const connection = { endpoint, region: "us-east-1", forcePathStyle: true };
const pieceBytes = 8 * 1_024 ** 2;
const piecesAtOnce = 16;

const tasks = {
  mlforge: { upload: put, download: () => read(undefined), columns: () => read([columnName(7), columnName(31)]) },
  sdk: { upload, download, columns: download },
};
const started = performance.now();
await tasks[side][task]();
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, peakBytes: process.resourceUsage().maxRSS * 1_024 }));

async function put(): Promise<void> {
  await using store = new S3Store({ ...connection, bucket, ...uploadSettings });
  await store.put(dataKey, { file });
}

/** All that reading does but the decoding of what was fetched. */
async function read(columns: readonly string[] | undefined): Promise<void> {
  const offlineStore = new S3Store({ ...connection, bucket });
  await using definitions = new Definitions({
    name: "benchmark",
    features: [wideFeature(file)],
    offlineStore,
    format: noFormat,
    cache: { path: folder },
  });
  const data = await definitions.readFeature("wide", { version: "latest", columns });
  for await (const _ of data.batches());
}

async function upload(): Promise<void> {
  const client = new S3Client(connection);
  const { partSize, concurrency: queueSize } = uploadSettings;
  // The 64 KiB at a time that are the default take longer.
  const Body = createReadStream(file, { highWaterMark: 1_024 ** 2 });
  await new Upload({ client, params: { Bucket: bucket, Key: dataKey, Body }, partSize, queueSize }).done();
  client.destroy();
}

async function download(): Promise<void> {
  const client = new S3Client(connection);
  const object = { Bucket: bucket, Key: dataKey };
  const { ContentLength: size = 0, ETag: IfMatch } = await client.send(new HeadObjectCommand(object));
  await using handle = await open(join(folder, "data.parquet"), "wx");
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < size) {
      let position = next;
      next += pieceBytes;
      const Range = `bytes=${position}-${Math.min(size, next) - 1}`;
      const { Body } = await client.send(new GetObjectCommand({ ...object, Range, IfMatch }));
      if (!(Body instanceof Readable)) throw new TypeError("no body");
      for await (const part of Body) {
        await handle.write(part, 0, part.length, position);
        position += part.length;
      }
    }
  };
  await Promise.all(Array.from({ length: piecesAtOnce }, worker));
  client.destroy();
}
