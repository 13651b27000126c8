import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { S3Store } from "../src/index.js";
import { accept, refuse } from "./answering-server.js";
import { listening } from "./listening.js";

const child = fileURLToPath(new URL("tls-child.mjs", import.meta.url));

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "any");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "any");
  onTestFinished(() => void vi.unstubAllEnvs());
});

/** A TLS server whose certificate its own key has signed, for a name or address. Ends with the test. */
async function tlsServer(name: string, answer: RequestListener) {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-tls-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=mlforge"];
  const made = spawnSync("openssl", [...request, "-addext", `subjectAltName=${name}`, "-keyout", key, "-out", certificate]);
  expect(made.status, `${made.stderr}`).toBe(0);
  let requests = 0;
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (asked, response) => {
    requests += 1;
    answer(asked, response);
  });
  return { endpoint: `https://127.0.0.1:${await listening(server)}`, certificate, requests: () => requests };
}

function storeAt(endpoint: string): S3Store {
  const store = new S3Store({ bucket: "bucket", endpoint });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}

/** Puts an object in a process that trusts a certificate. Returns what it writes. */
async function putTrusting(endpoint: string, certificate: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const trusting = { ...process.env, NODE_EXTRA_CA_CERTS: certificate, NODE_NO_WARNINGS: "1", ...env };
  const started = spawn(process.execPath, [child, endpoint], { stdio: ["ignore", "pipe", "inherit"], env: trusting });
  let written = "";
  started.stdout.on("data", (bytes) => {
    written += bytes;
  });
  await once(started, "close");
  return written;
}

describe("a service with a certificate that this machine does not know", () => {
  it("is named at once with what to set, and works where that is set", async () => {
    const { endpoint, certificate, requests } = await tlsServer("IP:127.0.0.1", (_, response) => accept(response));
    await expect(storeAt(endpoint).put("key", Buffer.from("text"))).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      details: { gaveUp: true },
      message: expect.stringMatching(
        /^put of s3:\/\/bucket\/key at 127\.0\.0\.1:\d+ failed: .*self[- ]signed certificate; this machine does not trust its certificate; set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority$/,
      ),
    });
    expect(requests()).toBe(0);
    expect(await putTrusting(endpoint, certificate)).toBe("ok");
    expect(requests()).toBe(1);
  });

  it("is not confused with one whose certificate is for another name", async () => {
    const { endpoint, certificate } = await tlsServer("DNS:elsewhere.example", (_, response) => accept(response));
    expect(await putTrusting(endpoint, certificate)).toMatch(
      /^STORE_UNAVAILABLE .*; renew its certificate, or fix the endpoint of the store$/,
    );
  });
});

describe("a service that does not know the newer checksums", () => {
  it.each([
    [400, "InvalidDigest"],
    [400, "MissingContentLength"],
    [400, "InvalidArgument"],
    [501, "NotImplemented"],
  ])("and answers %i %s is named with the variables to set, and works where they are set", async (status, code) => {
    const { endpoint, certificate } = await tlsServer("IP:127.0.0.1", (asked, response) => {
      asked.resume();
      const isNewer = asked.headers["x-amz-trailer"] !== undefined || asked.headers["x-amz-checksum-crc32"] !== undefined;
      if (isNewer) refuse(response, status, code);
      else accept(response);
    });
    expect(await putTrusting(endpoint, certificate)).toMatch(
      /^(STORE_UNAVAILABLE|CAPABILITY_MISSING) .*set AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED and AWS_RESPONSE_CHECKSUM_VALIDATION=WHEN_REQUIRED$/,
    );
    const advised = { AWS_REQUEST_CHECKSUM_CALCULATION: "WHEN_REQUIRED", AWS_RESPONSE_CHECKSUM_VALIDATION: "WHEN_REQUIRED" };
    expect(await putTrusting(endpoint, certificate, advised)).toBe("ok");
  });
});
