import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plan, Scan, Schema, WrittenFile } from "@mlforge/spec";
import { rejects } from "../../store/conformance/expect.js";
import { int64, numbers, scrambled } from "../numbers.js";
import { call, column, nullable, sorted, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { filesIn } from "./files.js";

const parquet = { writes: "parquet", operations: ["scan"] } as const;
const generated = { operations: ["scan", "project", "join", "filter", "sort"], functions: ["add", "multiply", "less", "modulo"] } as const;

function scanOf(files: readonly WrittenFile[], columns?: Schema): Scan {
  return { op: "scan", source: "written", format: { kind: "parquet" }, paths: files.map(({ url }) => url), columns };
}

export function writeLaws(law: EngineLaw): void {
  law(
    "write to Parquet makes files that read back as the rows of the plan",
    { ...parquet, kinds: ["decimal", "timestamp"] },
    async (tools) => {
      const columns = [nullable("a", "string"), nullable("b", "decimal", { precision: 5, scale: 2 }), nullable("at", "timestamp")];
      const plan = table(columns, [
        ["x", "1.50", "2020-01-01T00:00:00.000001Z"],
        [null, null, null],
      ]);
      const target = { url: tools.url('it\'s "a" file.parquet'), format: "parquet" } as const;
      const result = await tools.engine.write(plan, target);
      equal(result.rows, 2);
      deepEqual((await tools.engine.describe(scanOf(result.files))).columns, columns);
      deepEqual(new Set(await tools.rows(scanOf(result.files))), new Set(await tools.rows(plan)));
    },
  );

  law(
    "write returns the files that it wrote, at or below the target, with the right sizes and hashes",
    parquet,
    async ({ engine, url, folder }) => {
      const target = { url: url("rows"), format: "parquet" } as const;
      const { files } = await engine.write(table([nullable("a", "string")], [["x"]]), target);
      deepEqual(await filesIn(folder), files.map((file) => fileURLToPath(file.url)).sort());
      for (const file of files) {
        ok(
          file.url === target.url || /^\/[A-Za-z0-9_.=-]+$/.test(file.url.replace(target.url, "")),
          `${file.url} is not below ${target.url}`,
        );
        const content = await readFile(fileURLToPath(file.url));
        const hash = createHash("sha256").update(content).digest("hex");
        deepEqual({ size: file.size ?? content.length, sha256: file.sha256 ?? hash }, { size: content.length, sha256: hash });
      }
    },
  );

  law("write of no rows makes a file with the columns", parquet, async ({ engine, url }) => {
    const columns = [nullable("a", "string")];
    const { rows, files } = await engine.write(table(columns, []), { url: url("empty.parquet"), format: "parquet" });
    deepEqual({ rows, hasFiles: files.length > 0 }, { rows: 0, hasFiles: true });
    deepEqual((await engine.describe(scanOf(files))).columns, columns);
  });

  law("write of the same rows gives the same bytes", { ...generated, writes: "parquet" }, async ({ engine, url }) => {
    const n = column("n");
    const columns = [
      { name: "k", value: scrambled(n, 2_147_483_647) },
      { name: "n", value: n },
    ];
    const plan = sorted({ op: "project", input: numbers(300_000), columns }, "k", "n");
    const hashes: string[][] = [];
    for (const name of ["first", "second", "third"]) {
      const { files, rows } = await engine.write(plan, { url: url(`${name}.parquet`), format: "parquet" });
      equal(rows, 300_000);
      const contents = await Promise.all(files.map((file) => readFile(fileURLToPath(file.url))));
      hashes.push(contents.map((content) => createHash("sha256").update(content).digest("hex")));
    }
    deepEqual(hashes[1], hashes[0]);
    deepEqual(hashes[2], hashes[0]);
  });

  law("write of a plan that fails on its way leaves no file", { ...generated, writes: "parquet" }, async ({ engine, url, folder }) => {
    // Only the last number overflows.
    const n = column("n");
    const late = call("multiply", n, call("add", int64(9_223_381_000_000n), n));
    const plan: Plan = { op: "project", input: numbers(1_000_000), columns: [{ name: "n", value: late }] };
    await rejects(engine.write(plan, { url: url("part.parquet"), format: "parquet" }), "ARITHMETIC_OVERFLOW", "the write");
    deepEqual(await filesIn(folder), []);
  });

  law("write to CSV has a header and times in ISO 8601", { writes: "csv", kinds: ["timestamp"] }, async ({ engine, url }) => {
    const plan = table([nullable("a b", "string"), nullable("at", "timestamp")], [['x,"y"', "2020-01-01T00:00:00.000001Z"]]);
    const { files, rows } = await engine.write(plan, { url: url("rows.csv"), format: "csv" });
    equal(rows, 1);
    const contents = await Promise.all(files.map((file) => readFile(fileURLToPath(file.url), "utf8")));
    deepEqual(contents, ['a b,at\n"x,""y""",2020-01-01T00:00:00.000001Z\n']);
  });
}
