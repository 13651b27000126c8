import { spawnSync } from "node:child_process";
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { flightsCsv, flightsDefinitions, flightsProject } from "../flights.js";
import { Project } from "../project.js";

const runAll = fileURLToPath(new URL("run-all.mjs", import.meta.url));

/** The commands, with the arguments that make each touch as much as it can. `@` is the folder of the project. */
const commands: Readonly<Record<string, readonly string[]>> = {
  build: ["build", "--force"],
  plan: ["plan"],
  validate: ["validate"],
  preview: ["preview", "airport_total"],
  list: ["list", "features"],
  "list sources": ["list", "sources"],
  inspect: ["inspect", "feature", "airport_total"],
  log: ["log", "airport_total"],
  diff: ["diff", "airport_total"],
  verify: ["verify"],
  doctor: ["doctor"],
  prune: ["prune", "--keep", "1", "--older-than", "0d", "--yes"],
  rollback: ["rollback", "airport_total", "1.0.0"],
  sync: ["sync"],
  manifest: ["manifest", "--write"],
  types: ["types", "--out", "@out/types.ts"],
  "training-data": [
    "training-data",
    "--labels",
    "labels.csv",
    "--features",
    "airport_total",
    "--out",
    "out/set.parquet",
    "--lock",
    "locks/set.lock",
  ],
  explain: ["explain", "--labels", "@labels.csv", "--features", "airport_total", "--row", "0"],
};

/** The paths that commands touch, relative to the project. */
const places: Readonly<Record<string, string>> = {
  store: "feature_store",
  "folder of a feature": "feature_store/airport_total",
  pointer: "feature_store/airport_total/_latest.json",
  metadata: "feature_store/airport_total/1.0.0/.meta.json",
  data: "feature_store/airport_total/1.0.0/data.parquet",
  "folder of a version": "feature_store/airport_total/1.0.0",
  "folder of the store itself": "feature_store/.mlforge",
  "staging of the store": "feature_store/.mlforge/staging",
  "temporary files of the store": "feature_store/.mlforge/tmp",
  source: "data/flights.csv",
  "folder of the source": "data",
  labels: "labels.csv",
  definitions: "definitions.ts",
  "output folder": "out",
  "output file": "out/set.parquet",
  "folder of the lock file": "locks",
  "lock file": "locks/set.lock",
  "temporary folder": "tmp",
  cache: "cache/mlforge",
  "files of the cache": "cache/mlforge/files",
  "unfinished files of the cache": "cache/mlforge/unfinished",
  "folder of the cache": "cache",
};

/** Makes a path unusable. `onEnd` takes what must be undone afterwards. */
type Fault = (path: string, onEnd: (undo: () => Promise<void> | void) => void) => Promise<void>;

async function replaced(path: string, put: (path: string) => Promise<void>): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  await put(path);
}

/** Leaves what is there in a new file system with these options, or with none of its own if it cannot be mounted. */
async function mounted(path: string, options: string, onEnd: Parameters<Fault>[1], after: (path: string) => Promise<void>): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) return;
  const aside = await mkdtemp(join(tmpdir(), "mlforge-aside-"));
  onEnd(() => rm(aside, { recursive: true, force: true }));
  if (found !== undefined) await cp(path, aside, { recursive: true });
  else await mkdir(path);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", path]).status !== 0) return;
  onEnd(() => void spawnSync("umount", ["-l", path]));
  await cp(aside, path, { recursive: true });
  if (process.getuid?.() === 0) spawnSync("chown", ["-hR", "65534:65534", path]);
  await after(path);
}

const modes =
  (file: number, folder: number): Fault =>
  async (path) => {
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined) await chmod(path, found.isDirectory() ? folder : file);
  };

/** Ways in which a path cannot be used, by the error that they give. */
const faults: Readonly<Record<string, Fault>> = {
  ENOENT: (path) => rm(path, { recursive: true, force: true }),
  "EACCES on reading": modes(0o000, 0o000),
  "EACCES on writing": modes(0o444, 0o555),
  "EACCES on entering": modes(0o200, 0o666),
  ENOTDIR: (path) => replaced(dirname(path), (parent) => writeFile(parent, "text")),
  "a file in place of it": (path) => replaced(path, (file) => writeFile(file, "text")),
  EISDIR: (path) => replaced(path, async (folder) => void (await mkdir(folder))),
  "ELOOP or a link to itself": (path) => replaced(path, (link) => symlink(link, link)),
  ENOSPC: (path, onEnd) =>
    mounted(path, "size=2m,mode=777", onEnd, async (folder) => {
      spawnSync("sh", ["-c", 'dd if=/dev/zero of="$0/.filler" bs=1k 2>/dev/null', folder]);
    }),
  damaged: async (path) => {
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) return;
    const names = found.isDirectory() ? await readdir(path, { recursive: true }) : [""];
    for (const name of names) {
      const file = await lstat(join(path, name));
      if (file.isFile()) await writeFile(join(path, name), "\u0000".repeat(file.size));
    }
  },
  EROFS: (path, onEnd) =>
    mounted(path, "size=16m,mode=777", onEnd, async (folder) => void spawnSync("mount", ["-o", "remount,ro", folder])),
};

interface Cell {
  readonly command: string;
  readonly place: string;
  readonly fault: string;
  readonly args: readonly string[];
}

export interface Result extends Omit<Cell, "args"> {
  readonly code: unknown;
  readonly written: string;
}

/** Arguments that no file system takes as a name. */
const tooLong = "x".repeat(300);
const namedTooLong: Readonly<Record<string, readonly string[]>> = {
  "--labels": ["training-data", "--labels", `@${tooLong}.csv`, "--features", "airport_total", "--out", "@out/set.parquet"],
  "--out": ["training-data", "--labels", "@labels.csv", "--features", "airport_total", "--out", `@${tooLong}.parquet`],
  "--lock": [
    "training-data",
    "--labels",
    "@labels.csv",
    "--features",
    "airport_total",
    "--out",
    "@out/set.parquet",
    "--lock",
    `@${tooLong}`,
  ],
  "types --out": ["types", "--out", `@${tooLong}.ts`],
  "--definitions": ["plan", "--definitions", `@${tooLong}.ts`],
  "init --from": ["init", "shop", "--from", `@${tooLong}.csv`],
  init: ["init", tooLong],
};

/** The flights once more, from a store elsewhere, which are read through the cache. */
const withRemoteSource = flightsDefinitions
  .replace(
    "const airport = entity",
    `const far = source({ name: "far", path: "box://flights.csv", columns: flights.columns, timestamp: "date" });\nconst airport = entity`,
  )
  .replace('name: "route_total",\n  source: flights', 'name: "route_total",\n  source: far')
  .replace(
    "  engine: new DuckDBEngine()",
    `  remotes: [{
    schemes: ["box"],
    open: (url) => ({ store: new LocalStore("./bucket"), key: url.slice("box://".length) }),
    [Symbol.asyncDispose]: async () => {},
  }],
  engine: new DuckDBEngine()`,
  );

/** Every command with every fault at every place, and every argument that is too long. The root of the project itself is no place. */
export const allCells: readonly Cell[] = [
  ...Object.entries(commands).flatMap(([command, args]) =>
    Object.keys(places).flatMap((place) =>
      Object.keys(faults)
        .filter((fault) => fault !== "ENOTDIR" || (places[place] ?? "").includes("/"))
        .map((fault) => ({ command, place, fault, args })),
    ),
  ),
  ...Object.entries(namedTooLong).map(([command, args]) => ({ command, place: "argument", fault: "ENAMETOOLONG", args })),
];

/** The modules of a project stay in the memory of a process. */
const cellsPerProcess = 100;

/** Runs commands in projects with these faults, many in one process of a user who is not root. */
export async function runCells(cells: readonly Cell[]): Promise<readonly Result[]> {
  await using template = await Project.create({
    ...flightsProject,
    "definitions.ts": withRemoteSource,
    "bucket/flights.csv": flightsCsv,
    "labels.csv": "origin\nSEA\n",
    "out/keep": "",
    "locks/keep": "",
    "tmp/keep": "",
  });
  const env = { XDG_CACHE_HOME: join(template.path, "cache") };
  for (const args of [["build"], ["build", "--force"]]) {
    const { exitCode, stderr } = await template.run(args, { env });
    if (exitCode !== 0) throw new Error(stderr);
  }
  const results: Result[] = [];
  for (let start = 0; start < cells.length; start += cellsPerProcess)
    results.push(...(await runTogether(template.path, cells.slice(start, start + cellsPerProcess))));
  return results;
}

async function runTogether(template: string, cells: readonly Cell[]): Promise<readonly Result[]> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), "mlforge-faults-")));
  const undone: (() => Promise<void> | void)[] = [];
  try {
    await chmod(parent, 0o755);
    const prepared: { readonly cwd: string; readonly args: readonly string[]; readonly tmp: string; readonly cache: string }[] = [];
    const isRoot = process.getuid?.() === 0;
    for (const [index, { place, fault, args }] of cells.entries()) {
      const cwd = join(parent, `${index}`);
      await cp(template, cwd, { recursive: true, verbatimSymlinks: true });
      if (isRoot) spawnSync("chown", ["-hR", "65534:65534", cwd]);
      const path = places[place];
      if (path !== undefined) await faults[fault]?.(join(cwd, path), (undo) => void undone.unshift(undo));
      if (isRoot) spawnSync("chown", ["-hR", "65534:65534", cwd]);
      // The CLI remembers the folder in which it was started.
      const absolute = args.map((arg) => (arg.startsWith("@") ? join(cwd, arg.slice(1)) : arg));
      prepared.push({ cwd, args: absolute, tmp: join(cwd, "tmp"), cache: join(cwd, "cache") });
    }
    const list = join(parent, "cells.json");
    await writeFile(list, JSON.stringify(prepared));
    const env = {
      ...process.env,
      NO_COLOR: "1",
      AWS_EC2_METADATA_DISABLED: "true",
      ...(isRoot ? { RUN_AS: "65534", HOME: "/nonexistent" } : {}),
    };
    const found = join(parent, "results.json");
    await writeFile(found, "");
    await chmod(found, 0o666);
    const { stdout, stderr } = spawnSync(process.execPath, [runAll, list, found], { env, encoding: "utf8" });
    const written = await readFile(found, "utf8");
    if (written === "") throw new Error(`the commands ended early: ${stdout}${stderr}`);
    const results: readonly { readonly code: unknown; readonly written: string }[] = JSON.parse(written);
    return cells.map(({ command, place, fault }, index) => ({ command, place, fault, code: undefined, written: "", ...results[index] }));
  } finally {
    for (const undo of undone) await undo();
    spawnSync("chmod", ["-R", "u+rwx", parent]);
    await rm(parent, { recursive: true, force: true });
  }
}
