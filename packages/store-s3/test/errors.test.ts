import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { isMlforgeError, type Store } from "@mlforge/spec";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { S3Store, type S3StoreOptions } from "../src/index.js";
import { type Asked, answeringServer, refuse } from "./answering-server.js";

const text = Buffer.from("text");

async function drain(store: Store, key: string): Promise<void> {
  await using result = await store.get(key);
  for await (const _ of result.body);
}

async function listAll(store: Store, prefix = ""): Promise<void> {
  for await (const _ of store.list(prefix));
}

/** What each operation gives of a service that answers everything with one error. */
async function outcomes(status: number, code: string, more = "", headers: Record<string, string> = {}) {
  const { store, host } = await answeringServer(
    (_, response) => refuse(response, status, code, more, headers),
    { prefix: "prod" },
    { maxAttempts: 1 },
  );
  const calls = {
    head: () => store.head("a/key"),
    get: () => drain(store, "a/key"),
    put: () => store.put("a/key", text),
    create: () => store.put("a/key", text, { condition: { kind: "ifAbsent" } }),
    delete: () => store.delete("a/key"),
    list: () => listAll(store, "a/"),
  };
  const found: Record<string, unknown> = {};
  const messages: string[] = [];
  for (const [name, call] of Object.entries(calls)) {
    const error = await call().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    found[name] = isMlforgeError(error) ? { code: error.code, details: error.details } : error;
    if (isMlforgeError(error)) messages.push(error.message);
  }
  for (const message of messages) expect(message).not.toContain("hush-hush");
  return { found, messages, host };
}

/** What a wrong signature is answered with: all of it is of the request. */
const signed = {
  AWSAccessKeyId: "AKIDEXAMPLE",
  StringToSign: "AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/eu-west-1/s3/aws4_request\n5f6e7d",
  SignatureProvided: "0a1b2c3d4e5f",
  StringToSignBytes: "41 57 53 34",
  CanonicalRequest: "PUT\n/bucket/a/key\n\nx-amz-security-token:hush-token",
  CanonicalRequestBytes: "50 55 54 0a",
} as const;
const signedXml = Object.entries(signed)
  .map(([name, value]) => `<${name}>${value}</${name}>`)
  .join("");

const all = (code: string, details: unknown) =>
  Object.fromEntries(["head", "get", "put", "create", "delete", "list"].map((name) => [name, { code, details }]));

describe("what the service answers, to every operation", () => {
  it("a missing bucket is said in the words of the documentation", async () => {
    const { found, messages } = await outcomes(404, "NoSuchBucket");
    expect(found).toEqual({
      ...all("BUCKET_NOT_FOUND", { store: "s3", bucket: "bucket" }),
    });
    expect(new Set(messages)).toEqual(
      new Set([
        "Bucket 'bucket' does not exist or is not accessible. Ensure the bucket is created and credentials have appropriate permissions.",
      ]),
    );
  });

  it("another region is named, as the service names it", async () => {
    const { found, messages } = await outcomes(301, "PermanentRedirect", "", { "x-amz-bucket-region": "ap-south-1" });
    expect(found).toEqual(all("BUCKET_REGION_WRONG", { store: "s3", bucket: "bucket", region: "eu-west-1", actual: "ap-south-1" }));
    expect(messages[0]).toBe(
      'the bucket bucket is not in the region eu-west-1 but in ap-south-1; set the region of the store to "ap-south-1"',
    );
  });

  it("another region is named when the signature is refused for it", async () => {
    const { found } = await outcomes(400, "AuthorizationHeaderMalformed", "<Region>ap-south-1</Region>");
    expect(found).toEqual(all("BUCKET_REGION_WRONG", { store: "s3", bucket: "bucket", region: "eu-west-1", actual: "ap-south-1" }));
  });

  it.each([
    ["ExpiredToken", 400, "expired"],
    ["TokenRefreshRequired", 400, "expired"],
    ["InvalidAccessKeyId", 403, "unknown"],
    ["InvalidToken", 400, "unknown"],
    ["SignatureDoesNotMatch", 403, "wrong_secret"],
  ])("%s is about the credentials", async (code, status, problem) => {
    const { found } = await outcomes(status, code);
    expect(found).toEqual(all("CREDENTIALS_INVALID", { store: "s3", problem }));
  });

  it.each([
    ["SignatureDoesNotMatch", 403],
    ["Peculiar", 400],
    ["PreconditionFailed", 412],
    ["SlowDown", 503],
  ])("%s shows nothing that was signed, wherever its error is printed", async (code, status) => {
    for (const words of ["Words of the service.", `Not signed by ${signed.AWSAccessKeyId}`, `Not ${signed.StringToSign}`]) {
      const xml = `<Error><Code>${code}</Code><Message>${words}</Message>${signedXml}<RequestId>4442587FB7D0A2F9</RequestId></Error>`;
      const answer = (_: Asked, response: ServerResponse) => void response.writeHead(status, { "x-amz-request-id": "42" }).end(xml);
      const { store } = await answeringServer(answer, {}, { maxAttempts: 1 });
      const calls = [store.head("key"), drain(store, "key"), store.put("key", text), store.delete("key"), listAll(store)];
      const create = store.put("key", text, { condition: { kind: "ifAbsent" } });
      for (const outcome of await Promise.allSettled([...calls, create, store.diagnose()])) {
        if (outcome.status !== "rejected") throw new Error("nothing was thrown");
        const printed = inspect(outcome.reason, { depth: 10, showHidden: true });
        expect(printed).toContain("MlforgeError");
        for (const secret of [...Object.values(signed).flatMap((value) => value.split("\n")), "hush"]) {
          if (secret.length > 5) expect(printed).not.toContain(secret);
        }
        expect(printed.includes("Words of the service.")).toBe(words === "Words of the service.");
        expect(outcome.reason.cause).toMatchObject({ name: code, status, requestId: "42" });
      }
    }
  });

  it("a clock that is wrong is called so", async () => {
    const { found } = await outcomes(403, "RequestTimeTooSkewed");
    expect(found).toEqual(all("CLOCK_SKEWED", { store: "s3" }));
  });

  it("a missing permission is named with the key it is missing on", async () => {
    const { found, messages } = await outcomes(403, "AccessDenied");
    const denied = (operation: string, action: string, key = "a/key") => ({
      code: "STORE_ACCESS_DENIED",
      details: { store: "s3", operation, key, action },
    });
    expect(found).toMatchObject({
      head: denied("head", "s3:GetObject"),
      get: denied("get", "s3:GetObject"),
      put: denied("put", "s3:PutObject"),
      create: { code: "STORE_ACCESS_DENIED", details: { action: "s3:PutObject", key: expect.stringMatching(/^\.mlforge\/probes\//) } },
      delete: denied("delete", "s3:DeleteObject"),
      list: denied("list", "s3:ListBucket", "a/"),
    });
    expect(messages[2]).toBe("these credentials cannot put s3://bucket/prod/a/key; grant s3:PutObject on s3://bucket/prod/a/key");
  });

  it.each([
    ["SlowDown", 503],
    ["InternalError", 500],
    ["RequestTimeout", 400],
    ["TooManyRequests", 429],
  ])("%s may pass, and names the service", async (code, status) => {
    const { found, messages, host } = await outcomes(status, code);
    for (const outcome of Object.values(found)) expect(outcome).toMatchObject({ code: "STORE_UNAVAILABLE" });
    for (const message of messages) expect(message).toContain(host);
  });

  it("an answer that is no XML may pass", async () => {
    const { store } = await answeringServer(
      (_, response) => void response.writeHead(502).end("<html>Bad gateway</p>"),
      {},
      { maxAttempts: 1 },
    );
    await expect(store.put("key", text)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect(store.head("key")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect(listAll(store)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});

describe("what the service refuses of a put", () => {
  it.each([
    ["KMS.NotFoundException", 400, "USAGE_INVALID", { argument: "sse" }],
    ["InvalidStorageClass", 400, "USAGE_INVALID", { argument: "storageClass" }],
    ["QuotaExceeded", 403, "STORE_FULL", { store: "s3", key: "key" }],
    ["KeyTooLongError", 400, "STORE_KEY_INVALID", { store: "s3", key: "key" }],
    ["NotImplemented", 501, "CAPABILITY_MISSING", { plugin: "s3", capability: "put" }],
    ["Peculiar", 400, "STORE_UNAVAILABLE", { store: "s3", operation: "put", gaveUp: true }],
  ])("%s", async (code, status, expected, details) => {
    const { store } = await answeringServer((_, response) => refuse(response, status, code), {}, { maxAttempts: 1 });
    await expect(store.put("key", text)).rejects.toMatchObject({ code: expected, details });
  });

  it("a denial of the key of KMS names that action", async () => {
    const { store } = await answeringServer((_, response) => {
      const words = "User: arn:aws:iam::1:user/x is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:key";
      response.writeHead(403).end(`<Error><Code>AccessDenied</Code><Message>${words}</Message></Error>`);
    });
    await expect(store.put("key", text)).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED", details: { action: "kms:GenerateDataKey" } });
  });
});

describe("what comes before any answer", () => {
  /** A store that finds nothing of what this machine is configured with, but what `config` says. */
  async function configured(config: string, options: Partial<S3StoreOptions> = {}): Promise<S3Store> {
    const folder = await mkdtemp(join(tmpdir(), "mlforge-s3-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    onTestFinished(() => void vi.unstubAllEnvs());
    await writeFile(join(folder, "config"), config);
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("HOME", folder);
    return new S3Store({ bucket: "bucket", ...options });
  }

  const keys = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hush-hush\n";

  it("no server is STORE_UNAVAILABLE and names where it was looked for", async () => {
    const store = await configured(`[default]\n${keys}`, { endpoint: "http://127.0.0.1:9" });
    await expect(store.head("key")).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringMatching(/at 127\.0\.0\.1:9 failed: (?!.*hush)/),
    });
  });

  it("no credentials are CREDENTIALS_INVALID", async () => {
    const store = await configured("[default]\nregion = eu-west-1\n");
    await expect(store.head("key")).rejects.toMatchObject({ code: "CREDENTIALS_INVALID", details: { store: "s3", problem: "missing" } });
  });

  it("a login that expired is CREDENTIALS_INVALID", async () => {
    const sso = "sso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = r\n";
    const store = await configured(`[default]\nregion = eu-west-1\n${sso}`);
    const cache = join(String(process.env.HOME), ".aws/sso/cache");
    await mkdir(cache, { recursive: true });
    const token = { accessToken: "hush-hush", expiresAt: "2020-01-01T00:00:00Z" };
    const name = createHash("sha1").update("https://d-1.awsapps.com/start").digest("hex");
    await writeFile(join(cache, `${name}.json`), JSON.stringify(token));
    await expect(store.head("key")).rejects.toMatchObject({ code: "CREDENTIALS_INVALID", details: { store: "s3", problem: "expired" } });
  });

  it("no region is USAGE_INVALID", async () => {
    const store = await configured(`[default]\n${keys}`);
    await expect(store.head("key")).rejects.toMatchObject({ code: "USAGE_INVALID", details: { argument: "region" } });
  });
});
