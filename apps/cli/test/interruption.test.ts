import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildDocument, errorDocument, parseDocument, versionsDocument } from "./documents.js";
import { definitionsOf, flightsCsv } from "./flights.js";
import { outcomeOf, Project, toldOnStderr } from "./project.js";

/** Passes its source on; with HOLD it then says so and waits until it is told to stop. */
const holding = `batches({
  columns: { date: t.timestamp(), origin: t.string(), destination: t.string(), delay: t.int64() },
  async *run(rows, { signal }) {
    yield* rows;
    if (process.env.HOLD === undefined) return;
    console.error("holding");
    const timer = setInterval(() => {}, 1_000);
    await new Promise((resolve) => {
      if (process.env.HOLD !== "deaf") signal.addEventListener("abort", resolve);
    });
    clearInterval(timer);
  },
})`;

const keys = '["date", "origin"]';
const files = { "definitions.ts": definitionsOf("held", holding, keys), "data/flights.csv": flightsCsv, "temporary/keep": "" };

describe("a signal in mid-build", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s removes temporary files and ends with %i, and the next build succeeds", async (signal, exitCode) => {
    await using project = await Project.create(files);
    const temporary = join(project.path, "temporary");
    const staging = join(project.path, "feature_store/.mlforge/staging");
    const child = project.start(["build", "--json"], { env: { HOLD: "1", TMPDIR: temporary } });
    const outcome = outcomeOf(child);
    await toldOnStderr(child, "holding");
    expect(await readdir(staging)).toHaveLength(1);

    child.kill(signal);
    const { stdout, stderr, ...ended } = await outcome;
    expect(ended).toEqual({ exitCode });
    expect(parseDocument(errorDocument, stdout).error.code).toBe("INTERRUPTED");
    expect(stderr).toBe("holding\nstopping and removing temporary files (interrupt again to stop at once)\n");
    expect(await readdir(staging)).toEqual([]);
    expect(await readdir(temporary)).toEqual(["keep"]);

    const versions = await project.run(["list", "versions", "held", "--json"]);
    expect(parseDocument(versionsDocument, versions.stdout).versions).toEqual([]);
    const again = await project.run(["build", "--json"]);
    expect(parseDocument(buildDocument, again.stdout).built).toMatchObject([{ version: "1.0.0", rows: 6 }]);
  });

  it("ends the process at once when it comes twice", async () => {
    await using project = await Project.create(files);
    const child = project.start(["build"], { env: { HOLD: "deaf" } });
    const outcome = outcomeOf(child);
    await toldOnStderr(child, "holding");
    const stopping = toldOnStderr(child, "stopping");
    child.kill("SIGINT");
    await stopping;
    child.kill("SIGINT");
    expect((await outcome).exitCode).toBe(130);
    const again = await project.run(["build", "--json"]);
    expect(parseDocument(buildDocument, again.stdout).built).toMatchObject([{ version: "1.0.0" }]);
    expect(await readdir(join(project.path, "feature_store/.mlforge/staging"))).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s ends a definition that loops forever, and the next build removes what it left",
    async (signal) => {
      const spinning = `batches({
      columns: { date: t.timestamp(), origin: t.string(), destination: t.string(), delay: t.int64() },
      async *run(rows) {
        yield* rows;
        if (process.env.HOLD !== undefined) console.error("spinning");
        while (process.env.HOLD !== undefined);
      },
    })`;
      await using project = await Project.create({ ...files, "definitions.ts": definitionsOf("spins", spinning, keys) });
      const temporary = join(project.path, "temporary");
      const child = project.start(["build"], { env: { HOLD: "1", TMPDIR: temporary } });
      const outcome = outcomeOf(child);
      await toldOnStderr(child, "spinning");
      // The first signals can come before the loop is found to be endless.
      const asking = setInterval(() => child.kill(signal), 100);
      await outcome;
      clearInterval(asking);
      expect(child.signalCode).toBe(signal);
      const again = await project.run(["build", "--json"], { env: { TMPDIR: temporary } });
      expect(parseDocument(buildDocument, again.stdout).built).toMatchObject([{ version: "1.0.0", rows: 6 }]);
      expect(await readdir(join(project.path, "feature_store/.mlforge/staging"))).toEqual([]);
      expect(await readdir(temporary)).toEqual(["keep"]);
    },
  );

  it("stops a query of the engine", async () => {
    const endless = `sql({
      query: "SELECT CAST(max(a.range * b.range) AS VARCHAR) AS origin FROM range(10000000) a, range(10000000) b",
      columns: { origin: t.string() },
    })`;
    const definitions = definitionsOf("endless", endless).replace("features: [only]", 'features: [first, only], by: "test"');
    const first = 'const first = feature({ name: "first", source: flights, keys: ["origin"] });\n';
    await using project = await Project.create({
      "definitions.ts": definitions.replace("export const defs", `${first}export const defs`),
      "data/flights.csv": flightsCsv,
      "temporary/keep": "",
    });
    const temporary = join(project.path, "temporary");
    const child = project.start(["build"], { env: { TMPDIR: temporary } });
    const outcome = outcomeOf(child);
    await toldOnStderr(child, "built first");
    child.kill("SIGINT");
    expect((await outcome).exitCode).toBe(130);
    expect(await readdir(join(project.path, "feature_store/.mlforge/staging"))).toEqual([]);
    expect(await readdir(temporary)).toEqual(["keep"]);
    const versions = await project.run(["list", "versions", "first", "--json"]);
    expect(parseDocument(versionsDocument, versions.stdout).latest).toBe("1.0.0");
  });
});
