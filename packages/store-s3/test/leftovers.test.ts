import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, PutObjectCommand, UploadPartCommand } from "@aws-sdk/client-s3";
import { type Moto, startMoto } from "@mlforge/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { S3Store } from "../src/index.js";
import { recordUpload } from "../src/left-uploads.js";
import { answeringServer, refuse } from "./answering-server.js";
import { clientOf, newBucket } from "./servers.js";

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto?.[Symbol.asyncDispose]());

/** Records are in a temporary folder of this test, so that none of another test is found. */
let temporary: string;
const { TMPDIR } = process.env;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "mlforge-left-"));
  process.env.TMPDIR = temporary;
});
afterEach(async () => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  await rm(temporary, { recursive: true, force: true });
});

const day = 24 * 60 * 60 * 1_000;
const now = Date.parse("2026-11-28T12:00:00Z");

interface Upload {
  readonly key: string;
  /** Milliseconds ago, as for its newest part. */
  readonly begun: number;
  readonly part?: number | undefined;
}

/** A service whose clock says `now`, with these uploads and probes, whatever the time of this machine. */
async function serviceWith(uploads: readonly Upload[], probes: readonly Omit<Upload, "part">[] = []) {
  const ago = (ms: number): string => new Date(now - ms).toISOString();
  const gone: string[] = [];
  const server = await answeringServer(
    ({ method, url }, response) => {
      response.setHeader("date", new Date(now).toUTCString());
      const { pathname, searchParams } = new URL(url, "http://any");
      const xml = (text: string): void => void response.writeHead(200, { "content-type": "application/xml" }).end(text);
      if (method === "DELETE") {
        gone.push(`${pathname} ${searchParams.get("uploadId") ?? ""}`.trim());
        return void response.writeHead(204).end();
      }
      if (searchParams.has("uploads")) {
        const each = uploads.map(
          ({ key, begun }, id) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${ago(begun)}</Initiated></Upload>`,
        );
        return xml(`<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${each.join("")}</ListMultipartUploadsResult>`);
      }
      if (searchParams.has("uploadId")) {
        const part = uploads[Number(searchParams.get("uploadId"))]?.part;
        const parts = part === undefined ? "" : `<Part><PartNumber>1</PartNumber><LastModified>${ago(part)}</LastModified></Part>`;
        return xml(`<ListPartsResult><IsTruncated>false</IsTruncated>${parts}</ListPartsResult>`);
      }
      const found = probes.map(({ key, begun }) => `<Contents><Key>${key}</Key><LastModified>${ago(begun)}</LastModified></Contents>`);
      return xml(`<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated>${found.join("")}</ListBucketResult>`);
    },
    { prefix: "features" },
  );
  return { ...server, gone };
}

it("finds uploads and probes of any machine that show no sign of life for a day by the clock of the service, and removes them", async () => {
  const uploads = [
    { key: "features/a/1.0.0/data.parquet", begun: 2 * day },
    { key: "features/b/1.0.0/data.parquet", begun: 2 * day, part: 2 * day - 1 },
    { key: "features/c/1.0.0/data.parquet", begun: 2 * day, part: day - 60_000 },
    { key: "features/d/1.0.0/data.parquet", begun: day - 60_000 },
    { key: "features/.mlforge/probes/x", begun: 2 * day },
    { key: "other/a/1.0.0/data.parquet", begun: 2 * day },
  ];
  const probes = [
    { key: "features/.mlforge/probes/old", begun: day + 60_000 },
    { key: "features/.mlforge/probes/new", begun: day - 60_000 },
  ];
  const { store, gone } = await serviceWith(uploads, probes);
  const found = await store.leftovers();
  expect(found.map(({ kind, location, key }) => ({ kind, location, key }))).toEqual([
    { kind: "upload", location: "s3://bucket/features/a/1.0.0/data.parquet", key: "a/1.0.0/data.parquet" },
    { kind: "upload", location: "s3://bucket/features/b/1.0.0/data.parquet", key: "b/1.0.0/data.parquet" },
    { kind: "probe", location: "s3://bucket/features/.mlforge/probes/x", key: undefined },
    { kind: "probe", location: "s3://bucket/features/.mlforge/probes/old", key: undefined },
  ]);
  for (const { remove } of found) await remove();
  expect(gone).toEqual([
    "/bucket/features/a/1.0.0/data.parquet 0",
    "/bucket/features/b/1.0.0/data.parquet 1",
    "/bucket/features/.mlforge/probes/x 4",
    "/bucket/features/.mlforge/probes/old",
  ]);
});

it("never finds an upload that a living process of this machine has recorded", async () => {
  const { store, client } = await serviceWith([{ key: "features/a/1.0.0/data.parquet", begun: 2 * day }]);
  const record = await recordUpload(
    { client, bucket: "bucket", prefix: "features/" },
    { key: "features/a/1.0.0/data.parquet", uploadId: "0" },
  );
  expect(await store.leftovers()).toEqual([]);
  await record[Symbol.asyncDispose]();
  expect(await store.leftovers()).toHaveLength(1);
});

it.each([
  [403, "AccessDenied"],
  [405, "MethodNotAllowed"],
  [501, "NotImplemented"],
])("skips what it may not or cannot list: %i %s", async (status, code) => {
  const { store } = await answeringServer((_, response) => refuse(response, status, code));
  expect(await store.leftovers()).toEqual([]);
});

it("finds nothing on a real service that is younger than a day", async () => {
  const client = clientOf(moto.endpoint);
  onTestFinished(() => client.destroy());
  const bucket = await newBucket(client);
  const store = new S3Store({ bucket, client });
  const key = "a/1.0.0/data.parquet";
  const { UploadId = "" } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
  await client.send(new UploadPartCommand({ Bucket: bucket, Key: key, UploadId, PartNumber: 1, Body: "part" }));
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: ".mlforge/probes/now", Body: "probe" }));
  // Everything is younger than a day.
  expect(await store.leftovers()).toEqual([]);
  expect((await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads).toHaveLength(1);
});
