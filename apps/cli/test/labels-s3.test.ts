import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describeWith, type Moto, startMoto } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { imports } from "./flights.js";
import { type Outcome, Project, shareProcess } from "./project.js";

shareProcess();

describeWith("moto", "labels, features and sources in one bucket", () => {
  const env = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const bucket = `mlforge-${randomUUID()}`;
  let moto: Moto;
  let project: Project;
  beforeAll(async () => {
    moto = await startMoto();
    const connection = { endpoint: moto.endpoint, region: "us-east-1", forcePathStyle: true };
    const client = new S3Client({ ...connection, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const objects = {
      "data/users.csv": "user_id,at,spend\n1,2024-01-01,10\n1,2024-02-01,30\n02,2024-01-02,20\n",
      "labels/sales-1.csv": "buyer;seller;price;sold\n1;02;1,50;15.01.2024\n02;3;2,25;01.03.2024\n",
      "labels/plain.csv": "user_id,at\n1,2024-01-15\n2,2024-03-01\n",
      "labels/cut.csv": "user_id,at\n1,2024-01-15\n2\n",
    };
    for (const [key, body] of Object.entries(objects)) await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    client.destroy();
    project = await Project.create({
      "definitions.ts": `${imports}import { S3Store } from "@mlforge/store-s3";
const users = source({
  path: "s3://${bucket}/data/users.csv",
  columns: { user_id: t.string(), at: t.timestamp(), spend: t.int64() },
  timestamp: "at",
});
const sales = source({
  name: "sales_labels",
  path: "s3://${bucket}/labels/sales-*.csv",
  format: { kind: "csv", delimiter: ";", decimal: "," },
  columns: { buyer: t.string(), seller: t.string(), price: t.decimal(9, 2), sold: t.timestamp({ format: "%d.%m.%Y" }) },
});
export const stats = feature({ name: "stats", source: users, keys: ["user_id"] });
export const defs = new Definitions({
  name: "shop",
  features: [stats],
  labels: [sales],
  offlineStore: new S3Store(${JSON.stringify({ ...connection, bucket, prefix: "store" })}),
  engine: new DuckDBEngine(),
});
`,
    });
    expect((await run("build")).exitCode).toBe(0);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await moto[Symbol.asyncDispose]();
  });

  const run = (...args: readonly string[]): Promise<Outcome> => project.run(args, { env });

  async function train(...args: readonly string[]): Promise<string> {
    const { exitCode, stderr } = await run("training-data", "--out", "train.csv", ...args);
    // The SDK warns of Node 20 there.
    expect([exitCode, stderr]).toEqual([0, expect.not.stringMatching(/error|warning:/)]);
    return readFile(join(project.path, "train.csv"), "utf8");
  }

  const choice = "stats as buyer_ on user_id=buyer,stats as seller_ on user_id=seller";
  const expected = `buyer,seller,price,sold,buyer_spend,seller_spend
1,02,1.50,2024-01-15T00:00:00.000000Z,10,20
02,3,2.25,2024-03-01T00:00:00.000000Z,20,
`;

  it("joins declared labels, one feature for two of their columns, and again by the lock", async () => {
    expect(await train("--labels", "sales_labels", "--timestamp", "sold", "--features", choice, "--lock", "sales.lock")).toBe(expected);
    expect(await train("--lock", "sales.lock")).toBe(expected);
  });

  it("reads the columns of a label file as --label-types say", async () => {
    const labels = ["--labels", `s3://${bucket}/labels/plain.csv`, "--timestamp", "at", "--features", "stats"];
    expect(await train(...labels, "--label-types", "user_id=string")).toBe("user_id,at,spend\n1,2024-01-15,10\n2,2024-03-01,\n");
  });

  it("refuses a label file that was cut, and names the object and the line", async () => {
    const labels = [
      "--labels",
      `s3://${bucket}/labels/cut.csv`,
      "--timestamp",
      "at",
      "--features",
      "stats",
      "--label-types",
      "user_id=string",
    ];
    const { exitCode, stderr } = await run("training-data", "--out", "x.csv", ...labels);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/labels\/cut\.csv:3 .*\n {2}found: {4}2\n {2}expected: 2 cells/)]);
  });
});
