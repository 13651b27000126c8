import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sweep } from "../../../../test/sweep.js";
import { type KilledProject, openBucketProject, openLocalProject } from "./killed-project.js";

/** How many commands to kill on each store, and how often each. `scripts/nightly-kills.mjs` kills all of them. */
const killed = sweep({ ci: 1, nightly: Number.POSITIVE_INFINITY });
const kills = sweep({ ci: 2, nightly: 20 });
const seed = Date.now();

interface Command {
  readonly args: readonly string[];
  /** Makes work for the command. */
  readonly before?: (project: KilledProject) => Promise<void>;
}

const labels = ["--labels", "labels.csv", "--timestamp", "date", "--features", "airport_total"];

/** The commands that write to the store. */
const writers: readonly Command[] = [
  { args: ["build", "--force"] },
  { args: ["training-data", ...labels, "--out", "out/training.parquet", "--lock", "out/features.lock"] },
  { args: ["sync"], before: (project) => project.loseData("airport_total") },
  {
    args: ["prune", "--keep", "1", "--older-than", "0d", "--yes"],
    before: (project) => expectSuccess(project, ["build", "--force", "--features", "airport_total"]),
  },
  { args: ["manifest", "--write"] },
];
const others: readonly Command[] = [
  { args: ["validate"] },
  { args: ["preview", "airport_total"] },
  { args: ["explain", ...labels, "--row", "0"] },
  { args: ["types", "--out", "out/columns.ts"] },
  { args: ["rollback", "airport_total"], before: (project) => expectSuccess(project, ["build", "--force", "--features", "airport_total"]) },
  { args: ["init", "fresh"] },
];

async function expectSuccess(project: KilledProject, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await project.run(args);
  expect(exitCode, `${args.join(" ")}: ${stderr}`).toBe(0);
}

function sampled(commands: readonly Command[]): readonly (readonly [name: string, command: Command])[] {
  const [chosen = []] = fc.sample(fc.shuffledSubarray([...commands], { minLength: Math.min(killed, commands.length) }), {
    seed,
    numRuns: 1,
  });
  return chosen.slice(0, killed).map((command) => [command.args[0] ?? "", command] as const);
}

describe.each([
  ["a folder", openLocalProject, sampled([...writers, ...others])],
  ["a bucket", openBucketProject, sampled(writers)],
])("a command that is killed anywhere, with its versions in %s", (_, open, commands) => {
  let project: KilledProject;
  beforeAll(async () => {
    project = await open();
    await expectSuccess(project, ["build"]);
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  it.each(commands)(
    "leaves nothing after one more run: %s",
    async (_, { args, before }) => {
      const again = async (): Promise<void> => {
        await project.removeOutput();
        await before?.(project);
      };
      await again();
      const whole = await project.run(args, { COUNT_TO: project.countTo });
      expect(whole.exitCode, whole.stderr).toBe(0);
      expect(await project.leftovers()).toEqual([]);
      const changes = Number(await readFile(project.countTo, "utf8"));
      const [places = []] = fc.sample(fc.uniqueArray(fc.nat(changes - 1), { minLength: Math.min(kills, changes), maxLength: kills }), {
        seed,
        numRuns: 1,
      });
      for (const place of places) {
        await again();
        await project.run(args, { KILL_AT: String(place) });
      }
      await again();
      await expectSuccess(project, args);
      expect(await project.leftovers(), `seed ${seed}, killed at ${places.join(", ")} of ${changes}`).toEqual([]);
    },
    3_600_000,
  );
});
