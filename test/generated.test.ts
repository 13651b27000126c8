import { type ExecFileException, execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { describeWith, startMoto } from "@mlforge/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packAll, tarballIn } from "./packing.js";
import { publicPackages, root } from "./workspace.js";

/** Projects as a stranger gets them: made, installed, type-checked and built from the packed packages alone. */
const flights = join(root, "examples/quickstart/node_modules/vega-datasets/data/flights-3m.parquet");
const region = "us-east-1";
const timeout = 180_000;
let temporary: string;

beforeAll(async () => {
  temporary = await realpath(await mkdtemp(join(tmpdir(), "mlforge-generated-")));
  await packAll(temporary);
}, timeout);
afterAll(async () => {
  await rm(temporary, { recursive: true, force: true });
});

/** What a program prints on stdout. One that fails rejects with all it printed. */
function run(folder: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  // A package manager that runs the tests tells its children about itself.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|MLFORGE_PROFILE$|FEATURES_|npm_)/.test(name));
  const options = { cwd: folder, shell: process.platform === "win32", env: { ...Object.fromEntries(inherited), ...env } };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error: ExecFileException | null, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args.join(" ")}: ${error.code}\n${stdout}\n${stderr}`));
    });
  });
}

const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];

/** A project made by the packed create-mlforge, and installed. */
async function create(name: string, args: readonly string[]): Promise<string> {
  const creator = join(temporary, "creator");
  await mkdir(creator, { recursive: true });
  const packages = publicPackages.filter(({ manifest }) =>
    /^(create-mlforge|@mlforge\/(cli|core|spec|engine-duckdb|sql))$/.test(manifest.name),
  );
  const given = packages.flatMap(({ manifest }) => ["--package", tarballIn(temporary, manifest.name)]);
  await run(creator, "npm", ["exec", "--yes", "--prefer-offline", ...given, "--", "create-mlforge", name, ...args]);
  const project = join(creator, name);
  await useTarballs(project);
  await run(project, "npm", ["install", ...quiet]);
  return project;
}

/** Lets a project take the packages of mlforge from where they were packed: they are on no registry. */
async function useTarballs(project: string): Promise<void> {
  const path = join(project, "package.json");
  const manifest: { dependencies: Record<string, string> } & Record<string, unknown> = JSON.parse(await readFile(path, "utf8"));
  const tarballs = publicPackages.map(({ manifest: { name } }) => [name, `file:${tarballIn(temporary, name)}`] as const);
  for (const [name, tarball] of tarballs) if (name in manifest.dependencies) manifest.dependencies[name] = tarball;
  await writeFile(path, JSON.stringify({ ...manifest, overrides: Object.fromEntries(tarballs) }));
}

/** Type-checks a project, builds it, and gives what was built. */
async function build(project: string, env: Readonly<Record<string, string>> = {}): Promise<readonly { readonly feature: string }[]> {
  expect(await run(project, "npm", ["run", "--silent", "typecheck"])).toBe("");
  const { built, failed } = JSON.parse(await run(project, "npx", ["--no-install", "mlforge", "build", "--json"], env));
  expect(failed).toEqual([]);
  return built;
}

const sources = [
  ["a sample", [], ["customer_spend", "customer_totals"]],
  ["a Parquet file", ["--from", flights, "--keys", "origin"], ["flights_3m_by_origin_lately", "flights_3m_by_origin"]],
] as const;

const events = "user_id;at;amount;paid\na;2026-01-01 10:00:00+00;1.50;true\nb;2026-01-02 10:00:00.5+02;12.25;\n";

describe("a project of npm create mlforge over a folder", () => {
  it("builds from a CSV file", { timeout }, async () => {
    await writeFile(join(temporary, "events.csv"), events);
    const project = await create("local-csv", ["--from", join(temporary, "events.csv")]);
    const built = await build(project);
    expect(built.map(({ feature }) => feature)).toEqual(["events_by_user_id_lately", "events_by_user_id"]);
    expect(await readFile(join(project, "src/definitions.ts"), "utf8")).toContain("amount: t.decimal(18, 2),");
  });

  it("needs an engine to look at a CSV file, and says which to install", { timeout }, async () => {
    const alone = join(temporary, "alone");
    await mkdir(alone);
    await writeFile(join(alone, "events.csv"), events);
    const packages = ["@mlforge/cli", "@mlforge/core", "@mlforge/spec"].map((name) => tarballIn(temporary, name));
    await run(alone, "npm", ["install", ...quiet, ...packages]);
    const args = ["--no-install", "mlforge", "init", "shop", "--from", "events.csv"];
    const start = (): Promise<string> => run(alone, "npx", args, { NODE_PATH: "" });
    await expect(start()).rejects.toThrow("needs DuckDB: run npm install @mlforge/engine-duckdb and then repeat the command");
    const engine = ["@mlforge/engine-duckdb", "@mlforge/sql"].map((name) => tarballIn(temporary, name));
    await run(alone, "npm", ["install", ...quiet, ...engine]);
    expect(await start()).toContain("Created shop:");
  });

  it.each(sources)("builds from %s", { timeout }, async (_, args, features) => {
    const project = await create(`local-${args.length}`, args);
    const built = await build(project);
    expect(built.map(({ feature }) => feature)).toEqual(features);
    expect(await readFile(join(project, "feature_store", String(features[0]), "1.0.0/.meta.json"), "utf8")).toContain('"1.0.0"');
  });
});

describeWith("moto", "a project of npm create mlforge over S3", () => {
  it.each(sources)("builds from %s", { timeout }, async (_, args, features) => {
    await using moto = await startMoto();
    const bucket = `generated-${args.length}`;
    const credentials = { accessKeyId: "any", secretAccessKey: "any" };
    const client = new S3Client({ endpoint: moto.endpoint, region, credentials, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const project = await create(bucket, ["--store", "s3", ...args]);
    const built = await build(project, {
      MLFORGE_PROFILE: "prod",
      FEATURES_BUCKET: bucket,
      FEATURES_PREFIX: "some/prefix",
      AWS_ENDPOINT_URL_S3: moto.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
    expect(built.map(({ feature }) => feature)).toEqual(features);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "some/prefix/" }));
    const found = Contents.map(({ Key }) => Key);
    for (const name of features) expect(found).toContain(`some/prefix/${name}/1.0.0/data.parquet`);
  });
});
