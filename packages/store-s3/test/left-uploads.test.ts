import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { type Moto, startMoto } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { S3Store } from "../src/index.js";
import { clientOf, newBucket } from "./servers.js";

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto?.[Symbol.asyncDispose]());

const child = fileURLToPath(new URL("upload-child.mjs", import.meta.url));

it("leftovers names an upload whose process was killed, and aborts it on request", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-left-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "file");
  await writeFile(file, new Uint8Array(12 * 1_024 ** 2));
  const client = clientOf(moto.endpoint);
  const bucket = await newBucket(client);
  const env = { ...process.env, TMPDIR: folder, AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any" };
  const killed = spawn(process.execPath, [child, moto.endpoint, bucket, file], {
    stdio: "inherit",
    env: { ...env, KILL_AFTER_BEGIN: "1" },
  });
  await once(killed, "exit");
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  const store = new S3Store({ client, bucket });
  const found = await store.leftovers();
  expect(found).toMatchObject([{ kind: "upload", location: `s3://${bucket}/large` }]);
  await found[0]?.remove();
  expect((await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual([]);
  expect(await readdir(folder)).toEqual(["file"]);
});

it("the next upload to a bucket aborts an upload whose process was killed, and no other", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-left-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  const file = join(folder, "file");
  await writeFile(file, new Uint8Array(12 * 1_024 ** 2));
  const client = clientOf(moto.endpoint);
  const [bucket, other] = [await newBucket(client), await newBucket(client)];
  const uploads = async (Bucket: string) => (await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [];
  const upload = (Bucket: string, env: Readonly<Record<string, string>> = {}) =>
    spawn(process.execPath, [child, moto.endpoint, Bucket, file], {
      stdio: "inherit",
      env: { ...process.env, TMPDIR: temporary, AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any", ...env },
    });

  const killed = upload(bucket, { KILL_AFTER_BEGIN: "1" });
  const [, signal] = await once(killed, "exit");
  expect(signal).toBe("SIGKILL");
  expect(await uploads(bucket)).toHaveLength(1);

  const elsewhere = upload(other);
  expect(await once(elsewhere, "exit")).toEqual([0, null]);
  expect(await uploads(bucket)).toHaveLength(1);

  const next = upload(bucket);
  expect(await once(next, "exit")).toEqual([0, null]);
  expect(await uploads(bucket)).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
});
