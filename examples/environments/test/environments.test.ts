import { existsSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { describeWith, startMoto } from "@mlforge/test-servers";
import { describe, expect, it } from "vitest";
import { copyOfExample, mlforge } from "./run.js";

const region = "us-east-1";

describe("ENVIRONMENT", () => {
  it.each([["local"], [undefined]])("%s builds into the folder feature_store", async (environment) => {
    const folder = await copyOfExample();
    const env = environment === undefined ? {} : { ENVIRONMENT: environment };
    const { exitCode, stdout } = await mlforge(folder, ["build", "--json"], env);
    const path = join(folder, "feature_store", "user_total_spend", "1.0.0", "data.parquet");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ built: [{ feature: "user_total_spend", rows: 3, path }], failed: [] });
    expect(existsSync(path)).toBe(true);
    const checked = await mlforge(folder, ["doctor", "--store"], env);
    expect(checked.stdout).toMatch(/\nbuild: allowed\ntraining: allowed\nserving: allowed\n$/);
  });

  it.each([
    ["nonsense", "known profiles: local, dev, staging, prod"],
    ["Prod", 'did you mean "prod"?'],
    ["", "known profiles: local, dev, staging, prod"],
  ])("%j is refused: %s", async (environment, hint) => {
    const folder = await copyOfExample();
    const { exitCode, stderr } = await mlforge(folder, ["build"], { ENVIRONMENT: environment });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`no profile is named "${environment}"; ${hint}`);
    expect(existsSync(join(folder, "feature_store"))).toBe(false);
  });
});

describeWith("moto", "ENVIRONMENT with a store in S3", () => {
  it.each([
    ["dev", "mlforge-features", "dev/features"],
    ["staging", "mlforge-features", "staging/features"],
    ["prod", "mlforge-features-prod", "features"],
  ])("%s builds into s3://%s/%s", async (environment, bucket, prefix) => {
    await using moto = await startMoto();
    const keys = { accessKeyId: "any", secretAccessKey: "any" };
    const client = new S3Client({ endpoint: moto.endpoint, region, credentials: keys, forcePathStyle: true });
    for (const Bucket of ["mlforge-features", "mlforge-features-prod"]) await client.send(new CreateBucketCommand({ Bucket }));
    const folder = await copyOfExample();
    const env = environmentOf(environment, moto.endpoint, keys);
    const { exitCode, stdout, stderr } = await mlforge(folder, ["build", "--json"], env);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const path = `s3://${bucket}/${prefix}/user_total_spend/1.0.0/data.parquet`;
    expect(JSON.parse(stdout)).toMatchObject({ built: [{ rows: 3, path }] });
    const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    const found = (listed.Contents ?? []).map(({ Key = "" }) => Key);
    expect(found).toContain(`${prefix}/user_total_spend/1.0.0/data.parquet`);
    expect(found.filter((key) => !key.startsWith(`${prefix}/`))).toEqual([]);
    expect(JSON.parse((await mlforge(folder, ["build", "--json"], env)).stdout)).toMatchObject({ skipped: [{ version: "1.0.0" }] });
    expect(existsSync(join(folder, "feature_store"))).toBe(false);
  });

  it("tells what the credentials of a reader lack for a build", async () => {
    await using moto = await startMoto({ iam: true });
    const allow = (...Action: string[]) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
    const owner = await moto.createUser("owner", allow("s3:*"));
    const client = new S3Client({ endpoint: moto.endpoint, region, credentials: owner, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: "mlforge-features-prod" }));
    const folder = await copyOfExample();
    const all = await mlforge(folder, ["doctor", "--store"], environmentOf("prod", moto.endpoint, owner));
    expect(all.stdout).toMatch(/\nbuild: allowed\ntraining: allowed\nserving: allowed\n$/);
    expect(all.exitCode).toBe(0);
    const reader = await moto.createUser("reader", allow("s3:GetObject", "s3:ListBucket"));
    const some = await mlforge(folder, ["doctor", "--store"], environmentOf("prod", moto.endpoint, reader));
    expect(some.stdout).toMatch(/\nbuild: needs s3:PutObject, .*\ntraining: allowed\nserving: allowed\n$/);
    expect(some.exitCode).toBe(1);
  });
});

function environmentOf(
  environment: string,
  endpoint: string,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
): Readonly<Record<string, string>> {
  return {
    ENVIRONMENT: environment,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}
