import { randomUUID } from "node:crypto";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { S3Store } from "@mlforge/store-s3";
import { startMoto } from "@mlforge/test-servers";

/** A new bucket on a server of its own. */
export interface Bucket extends AsyncDisposable {
  readonly name: string;
  readonly endpoint: string;
  /** How to reach the server. */
  readonly connection: { readonly endpoint: string; readonly region: string; readonly forcePathStyle: true };
  /** The same with the bucket's name, for a store. */
  readonly options: Bucket["connection"] & { readonly bucket: string };
  /** All of the bucket. */
  readonly root: S3Store;
  /** The keys below a prefix, as the SDK alone lists them. */
  keys(prefix: string): Promise<string[]>;
}

export async function openBucket(): Promise<Bucket> {
  process.env.AWS_ACCESS_KEY_ID ??= "test";
  process.env.AWS_SECRET_ACCESS_KEY ??= "test";
  const moto = await startMoto();
  const name = `mlforge-${randomUUID()}`;
  const connection = { endpoint: moto.endpoint, region: "us-east-1", forcePathStyle: true } as const;
  const client = new S3Client(connection);
  await client.send(new CreateBucketCommand({ Bucket: name }));
  const root = new S3Store({ ...connection, bucket: name });
  return {
    name,
    endpoint: moto.endpoint,
    connection,
    options: { ...connection, bucket: name },
    root,
    async keys(prefix) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name, Prefix: prefix }));
      return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
    },
    async [Symbol.asyncDispose]() {
      await root[Symbol.asyncDispose]();
      client.destroy();
      await moto[Symbol.asyncDispose]();
    },
  };
}
