import { access } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sweep } from "../../../../test/sweep.js";
import { flightsProject } from "../flights.js";
import { Project } from "../project.js";
import { allCells, runCells } from "./sweep.js";

/** `scripts/nightly-file-errors.mjs` runs all cells. `MLFORGE_FILE_ERRORS` selects cells by a pattern. */
const pattern = process.env.MLFORGE_FILE_ERRORS;
const count = pattern === undefined ? sweep({ ci: 10, nightly: Number.POSITIVE_INFINITY }) : Number.POSITIVE_INFINITY;
const seed = Date.now();

it("no command takes a file that it cannot use for a fault of its own", { timeout: 14_400_000 }, async () => {
  const selected = allCells.filter(({ command, place, fault }) => new RegExp(pattern ?? "").test(`${command}, ${place}, ${fault}`));
  const size = Math.min(count, selected.length);
  const [cells = []] = fc.sample(fc.shuffledSubarray(selected, { minLength: size, maxLength: size }), { seed, numRuns: 1 });
  const wrong = (await runCells(cells)).filter(
    ({ code, written }) => ![0, 1, 2, 3].includes(Number(code)) || /UNEXPECTED|TRANSFORM_FAILED|suppressed|bug in mlforge/.test(written),
  );
  expect(wrong.map(({ command, place, fault, code, written }) => `${command}, ${place}, ${fault}: ${code} ${written}`)).toEqual([]);
});

it("a lock file that cannot be written is found before anything is computed", async () => {
  await using project = await Project.create({ ...flightsProject, "labels.csv": "origin\nSEA\n" });
  expect((await project.run(["build"])).exitCode).toBe(0);
  const { exitCode, stderr } = await project.run([
    ...["training-data", "--labels", "labels.csv", "--features", "airport_total", "--out", "set.parquet", "--lock", "absent/set.lock"],
  ]);
  expect(stderr).toContain(`the lock file cannot be written to the folder "${join(project.path, "absent")}"`);
  expect(exitCode).toBe(2);
  await expect(access(join(project.path, "set.parquet"))).rejects.toMatchObject({ code: "ENOENT" });
});
