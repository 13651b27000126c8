import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flightsCsv, flightsDefinitions } from "../flights.js";
import { type Outcome, Project } from "../project.js";

/** How often each command is killed. `scripts/nightly-kills.mjs` sets more. */
const kills = Number(process.env.MLFORGE_KILLS ?? 12);
const preload = fileURLToPath(new URL("kill-at.mjs", import.meta.url));

let project: Project;
let folders: { readonly temporary: string; readonly cache: string; readonly out: string };

beforeAll(async () => {
  project = await Project.create({
    "definitions.ts": flightsDefinitions,
    "data/flights.csv": flightsCsv,
    "labels.csv": "origin,date\nSEA,2025-03-01\n",
  });
  folders = { temporary: join(project.path, "tmp"), cache: join(project.path, "cache"), out: join(project.path, "out") };
  for (const folder of Object.values(folders)) await mkdir(folder);
  expect((await run(["build"])).exitCode).toBe(0);
});
afterAll(() => project?.[Symbol.asyncDispose]());

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const { temporary, cache } = folders;
  return project.run(args, { env: { TMPDIR: temporary, XDG_CACHE_HOME: cache, NODE_OPTIONS: `--import ${preload}`, ...env } });
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true }).catch(() => [])).sort();
}

/** Everything that a command may leave only while it runs. */
async function leftovers(): Promise<readonly string[]> {
  const own = join(project.path, "feature_store/.mlforge");
  const places = [folders.temporary, join(folders.cache, "mlforge/uses"), join(folders.cache, "mlforge/unfinished")];
  const left = await Promise.all([...places, join(own, "tmp"), join(own, "staging"), join(own, "locks")].map(namesIn));
  const beside = [...(await namesIn(folders.out)), ...(await readdir(project.path))].filter((name) => /mlforge-|partial/.test(name));
  return [...left.flat(), ...beside];
}

const labels = ["--labels", "labels.csv", "--timestamp", "date", "--features", "airport_total"];
const commands: readonly (readonly string[])[] = [
  ["build", "--force"],
  ["training-data", ...labels, "--out", "out/training.parquet", "--lock", "out/features.lock"],
  ["validate"],
  ["preview", "airport_total"],
  ["types", "--out", "out/columns.ts"],
  ["manifest", "--write"],
  ["rollback", "airport_total", "1.0.0"],
  ["init", "fresh"],
];

describe("a command that is killed anywhere", () => {
  it.each(commands.map((args) => [args[0] ?? "", args] as const))(
    "leaves nothing after one more run: %s",
    async (_, args) => {
      const again = async (): Promise<void> => {
        await rm(join(project.path, "fresh"), { recursive: true, force: true });
        await rm(join(folders.out, "features.lock"), { force: true });
      };
      await again();
      const countTo = join(project.path, "count");
      const whole = await run(args, { COUNT_TO: countTo });
      expect(whole.exitCode, whole.stderr).toBe(0);
      expect(await leftovers()).toEqual([]);
      const changes = Number(await readFile(countTo, "utf8"));
      const places = new Set(Array.from({ length: kills }, (_, index) => Math.floor(((index + 0.5) * changes) / kills)));
      for (const place of places) {
        await again();
        await run(args, { KILL_AT: String(place) });
      }
      await again();
      const next = await run(args);
      expect(next.exitCode, next.stderr).toBe(0);
      expect(await leftovers(), `killed at ${[...places].join(", ")} of ${changes}`).toEqual([]);
    },
    3_600_000,
  );
});
