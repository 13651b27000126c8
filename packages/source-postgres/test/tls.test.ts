import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connector } from "@mlforge/spec";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { postgres } from "../src/index.js";

describeWith("postgres", "PostgreSQL that speaks TLS with a certificate of its own authority", () => {
  let folder: string;
  let server: Postgres;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "mlforge-tls-"));
    const openssl = (...args: readonly string[]): void => {
      const { status, stderr } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
    };
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests", "-keyout", "ca.key", "-out", "ca.crt");
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr");
    const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
    spawnSync("sh", ["-c", `echo ${names} > ext`], { cwd: folder });
    const signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext", "-days", "2"];
    openssl("x509", "-req", "-in", "server.csr", ...signing, "-out", "server.crt");
    chmodSync(join(folder, "server.key"), 0o600);
    chmodSync(folder, 0o755);
    if (process.getuid?.() === 0) {
      const [uid, gid] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout));
      for (const name of ["server.key", "server.crt"]) chownSync(join(folder, name), uid ?? 0, gid ?? 0);
    }
    const [cert, key] = ["server.crt", "server.key"].map((name) => join(folder, name));
    server = await startPostgres({ settings: { ssl: "on", ssl_cert_file: cert ?? "", ssl_key_file: key ?? "" } });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const describe = (connector: Connector) => connector.describe({ source: "s", query: { kind: "query", text: "select 1 as one" } });
  const login = (ssl: Parameters<typeof postgres>[0] extends infer O ? NonNullable<O> : never): Connector => {
    const { host, port, user, password, database } = server;
    return postgres({ host, port, user, password, database, ...ssl });
  };

  it("is read where its authority is known, and refused where it is not", async () => {
    await using known = login({ ssl: { ca: readFileSync(join(folder, "ca.crt"), "utf8") } });
    expect((await describe(known)).columns).toHaveLength(1);
    await using unknown = login({ ssl: true });
    await expect(describe(unknown)).rejects.toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: expect.stringMatching(/certificate.*NODE_EXTRA_CA_CERTS/),
    });
  });

  it("is read over its URL by sslmode", async () => {
    const url = `postgres://${server.user}:${server.password}@localhost:${server.port}/${server.database}`;
    await using known = postgres({ url: `${url}?sslmode=verify-full&sslrootcert=${join(folder, "ca.crt")}` });
    expect((await describe(known)).columns).toHaveLength(1);
    await using unknown = postgres({ url: `${url}?sslmode=verify-full` });
    await expect(describe(unknown)).rejects.toMatchObject({ message: expect.stringContaining("certificate") });
  });
});
