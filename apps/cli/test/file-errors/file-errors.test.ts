import { access } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { flightsProject } from "../flights.js";
import { Project } from "../project.js";
import { allCells, runCells } from "./sweep.js";

/** The suite runs a part of the sweep, and `scripts/nightly-file-errors.mjs` all of it. `MLFORGE_FILE_ERRORS` selects cells by a pattern. */
const selected = new RegExp(
  process.env.MLFORGE_FILE_ERRORS ??
    "^training-data, (labels, (EACCES on reading|EISDIR)|folder of the lock file, (ENOENT|EACCES on writing|a file)|output folder, EACCES on writing|temporary folder, (EACCES on writing|EROFS|a file))|^(validate, temporary folder, (EACCES on writing|ELOOP)|plan, definitions, ELOOP|build, (source, EACCES on reading|store, EACCES on writing|temporary files of the store, EACCES on writing))",
);

it("no command takes a file that it cannot use for a fault of its own", { timeout: 7_200_000 }, async () => {
  const cells = allCells.filter(({ command, place, fault }) => selected.test(`${command}, ${place}, ${fault}`));
  expect(cells.length).toBeGreaterThan(10);
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
