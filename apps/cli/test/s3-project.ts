import { randomUUID } from "node:crypto";
import { CreateBucketCommand, DeleteObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { startMoto } from "@mlforge/test-servers";
import { flightsCsv, flightsDefinitions } from "./flights.js";
import { type Outcome, Project } from "./project.js";

/** The project of the flights, with its versions somewhere. */
export interface StoredProject extends AsyncDisposable {
  readonly project: Project;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Writes the definitions, edited. */
  define(edit: (definitions: string) => string): Promise<void>;
  /** Deletes an object behind the back of mlforge. */
  remove(key: string): Promise<void>;
}

/** A project with its versions in a bucket of a server of its own. */
export interface S3Project extends StoredProject {
  readonly client: S3Client;
  readonly bucket: string;
  /** Lists the keys of the bucket below a prefix. */
  keys(prefix: string): Promise<readonly string[]>;
}

export async function openS3Project(): Promise<S3Project> {
  const moto = await startMoto();
  const keys = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const connection = { endpoint: moto.endpoint, region: "us-east-1", forcePathStyle: true };
  const bucket = `mlforge-${randomUUID()}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new S3Client({ ...connection, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const inS3 = flightsDefinitions
    .replace('import { LocalStore } from "@mlforge/store-local";', 'import { S3Store } from "@mlforge/store-s3";')
    .replace('new LocalStore("./feature_store")', `new S3Store(${JSON.stringify({ ...connection, bucket })})`);
  const project = await Project.create({ "definitions.ts": inS3, "data/flights.csv": flightsCsv });
  return {
    project,
    client,
    bucket,
    run: (args, env = {}) => project.run(args, { env: { ...keys, ...env } }),
    keys: async (prefix) => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      return Contents.flatMap(({ Key }) => Key ?? []);
    },
    define: (edit) => project.write({ "definitions.ts": edit(inS3) }),
    remove: async (key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await project[Symbol.asyncDispose]();
      await moto[Symbol.asyncDispose]();
    },
  };
}
