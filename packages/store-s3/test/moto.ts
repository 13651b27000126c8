import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";

/** A moto server on a port of its own. */
export interface Moto extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  newClient(): S3Client;
  /** Makes a bucket of a name no other test has. */
  newBucket(): Promise<string>;
}

export async function startMoto(): Promise<Moto> {
  const child = spawn("python3", [fileURLToPath(new URL("serve.py", import.meta.url))], { stdio: ["pipe", "pipe", "ignore"] });
  const [said] = await once(child.stdout, "data");
  const port = /listening on (\d+)/.exec(`${said}`)?.[1];
  if (port === undefined) throw new Error(`moto did not start: ${said}`);
  const url = `http://127.0.0.1:${port}`;
  const newClient = (): S3Client =>
    new S3Client({
      endpoint: url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  const client = newClient();
  let buckets = 0;
  return {
    url,
    newClient,
    newBucket: async () => {
      const Bucket = `bucket-${++buckets}`;
      await client.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      child.stdin.end();
      await once(child, "exit");
    },
  };
}
