import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ListMultipartUploadsCommand, ListPartsCommand } from "@aws-sdk/client-s3";
import { sweep } from "../../../../test/sweep.js";
import { flightsCsv, flightsDefinitions } from "../flights.js";
import { type Outcome, Project } from "../project.js";
import { openS3Project } from "../s3-project.js";

const preload = fileURLToPath(new URL("kill-at.mjs", import.meta.url));
const labels = { "labels.csv": "origin,date\nSEA,2025-03-01\n" };

/** With this many, the file of a version is uploaded in parts. */
const manyRows = sweep({ ci: 0, nightly: 400_000 });

/** A project whose commands are killed. Its folders for temporary files, the cache, and output are its own. */
export interface KilledProject extends AsyncDisposable {
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Removes the data of the latest version of a feature. */
  loseData(feature: string): Promise<void>;
  /** Removes output that a command does not replace. */
  removeOutput(): Promise<void>;
  /** Lists everything that a command may leave only while it runs. */
  leftovers(): Promise<readonly string[]>;
  /** A file for the number of changes. */
  readonly countTo: string;
}

export async function openLocalProject(): Promise<KilledProject> {
  const project = await Project.create({ "definitions.ts": flightsDefinitions, "data/flights.csv": flightsCsv, ...labels });
  const own = join(project.path, "feature_store/.mlforge");
  const store = join(project.path, "feature_store");
  return killedProject(project, {
    run: (args, env) => project.run(args, { env }),
    loseData: async (feature) => {
      const latest: unknown = JSON.parse(await readFile(join(store, feature, "_latest.json"), "utf8"));
      if (typeof latest !== "object" || latest === null || !("version" in latest)) throw new Error("no latest version");
      await rm(join(store, feature, String(latest.version), "data.parquet"), { force: true });
    },
    inStore: async () => (await Promise.all(["tmp", "staging", "locks"].map((name) => namesIn(join(own, name))))).flat(),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  });
}

/** A project with its versions in a bucket. */
export async function openBucketProject(): Promise<KilledProject> {
  const s3 = await openS3Project();
  const rows = Array.from({ length: manyRows }, (_, row) => `2001-01-01 06:00:00,A${row},SFO,${(row * 2_654_435_761) % 4_294_967_296}\n`);
  await s3.project.write({ ...labels, "data/flights.csv": `${flightsCsv}${rows.join("")}` });
  await s3.define((definitions) => definitions.replace('"us-east-1",', '"us-east-1","partSize":5242880,'));
  return killedProject(s3.project, {
    run: s3.run,
    loseData: async (feature) => {
      for (const key of await s3.keys(`${feature}/`)) if (key.endsWith(".parquet")) await s3.remove(key);
    },
    inStore: async () => {
      const uploads = (await s3.client.send(new ListMultipartUploadsCommand({ Bucket: s3.bucket }))).Uploads ?? [];
      const left: string[] = [];
      for (const { Key, UploadId } of uploads) {
        // An upload that was begun and not yet recorded has no bytes, and stays for a day.
        const { Parts = [] } = await s3.client.send(new ListPartsCommand({ Bucket: s3.bucket, Key, UploadId }));
        if (Parts.length > 0) left.push(`upload of ${Key}`);
      }
      return [...left, ...(await s3.keys(".mlforge/probes/"))];
    },
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  });
}

async function killedProject(
  project: Project,
  parts: Pick<KilledProject, "loseData"> &
    AsyncDisposable & {
      run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome>;
      inStore(): Promise<readonly string[]>;
    },
): Promise<KilledProject> {
  const folders = { temporary: join(project.path, "tmp"), cache: join(project.path, "cache"), out: join(project.path, "out") };
  for (const folder of Object.values(folders)) await mkdir(folder);
  const { inStore, ...rest } = parts;
  return {
    ...rest,
    countTo: join(project.path, "count"),
    run: (args, env = {}) =>
      parts.run(args, { TMPDIR: folders.temporary, XDG_CACHE_HOME: folders.cache, NODE_OPTIONS: `--import ${preload}`, ...env }),
    removeOutput: async () => {
      await rm(join(project.path, "fresh"), { recursive: true, force: true });
      await rm(join(folders.out, "features.lock"), { force: true });
      await writeFile(join(project.path, "count"), "");
    },
    leftovers: async () => {
      const cached = (await namesIn(folders.cache)).filter((name) => /(^|\/)(uses|unfinished)\/|[0-9a-f]{16}\.\d+\.\d+/.test(name));
      const beside = [...(await namesIn(folders.out)), ...(await readdir(project.path))].filter((name) => /mlforge-|partial/.test(name));
      return [...(await namesIn(folders.temporary)), ...cached, ...beside, ...(await inStore())];
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true }).catch(() => [])).sort();
}
