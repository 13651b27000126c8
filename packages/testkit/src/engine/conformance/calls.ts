import { deepEqual, equal, ok, rejects as throws } from "node:assert/strict";
import { type EngineCapabilities, type Expression, isMlforgeError, type Plan, schemaOf } from "@mlforge/spec";
import { rejects } from "../../store/conformance/expect.js";
import { int64, numbers } from "../numbers.js";
import { call, choice, column, literal, nullable, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";

const people = table([nullable("id", "int64"), { name: "name", kind: "string", nullable: false }], [["1", "Ada"]]);

export function callLaws(law: EngineLaw, capabilities: EngineCapabilities): void {
  law("has the capabilities that are declared", {}, async ({ engine }) => {
    equal(engine.specVersion, 1);
    deepEqual(engine.capabilities, capabilities);
    ok(engine.name !== "" && engine.version !== "", "an engine has a name and a version");
    ok(Number.isSafeInteger(capabilities.concurrency) && capabilities.concurrency > 0, "concurrency is a whole number of calls");
  });

  law("describe returns the columns of schemaOf", {}, async ({ engine }) => {
    deepEqual(await engine.describe(people), { columns: people.columns, unsupported: [] });
  });

  law("batches have the columns that describe returns, in their order", { operations: ["project"] }, async ({ engine }) => {
    const columns = ["name", "id"].map((name) => ({ name, value: column(name) }));
    const plan: Plan = { op: "project", input: people, columns };
    const described = await engine.describe(plan);
    deepEqual(described.columns, schemaOf(plan));
    for await (const batch of engine.run(plan)) {
      deepEqual(
        batch.schema.fields.map(({ name }) => name),
        ["name", "id"],
      );
    }
  });

  law("an unknown column rejects with COLUMN_UNKNOWN", { operations: ["project"] }, async ({ engine, rows }) => {
    const plan: Plan = { op: "project", input: people, columns: [{ name: "x", value: column("nam") }] };
    await rejects(engine.describe(plan), "COLUMN_UNKNOWN", "describe");
    await rejects(rows(plan), "COLUMN_UNKNOWN", "run");
  });

  law("answers calls at the same time", {}, async ({ only }) => {
    const expected = Array.from({ length: 20 }, (_, index) => BigInt(index));
    const answers = expected.map((n) => only(table([nullable("n", "int64")], [[String(n)]])));
    deepEqual(await Promise.all(answers), expected);
  });

  law("a query that fails after many rows rejects, and the error names the value", failing, async ({ engine }) => {
    const last = call("equal", column("n"), int64(999_999));
    const asText: Expression = { expr: "cast", value: column("n"), to: { kind: "string" } };
    const text = choice(last, literal("string", "x"), asText);
    const texts: Plan = { op: "project", input: numbers(1_000_000), columns: [{ name: "n", value: text }] };
    const cast: Expression = { expr: "cast", value: column("n"), to: { kind: "int64" } };
    const count = async (): Promise<number> => {
      let rows = 0;
      for await (const batch of engine.run({ op: "project", input: texts, columns: [{ name: "n", value: cast }] })) rows += batch.numRows;
      return rows;
    };
    await throws(count(), (error) => isMlforgeError(error, "TRANSFORM_FAILED") && error.message.includes('"x"'));
  });

  law("progress, if it is reported, is from 0 to 1", {}, async ({ rows }) => {
    const fractions: number[] = [];
    await rows(people, { onProgress: ({ fraction }) => fractions.push(fraction) });
    deepEqual(
      fractions.filter((fraction) => !(fraction >= 0 && fraction <= 1)),
      [],
    );
  });

  law("disposing of an engine twice resolves, even if it was never used", {}, async ({ engine }) => {
    await engine[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
  });

  law(
    "a missing file rejects with SOURCE_UNREADABLE, and the error names the source",
    { operations: ["scan"], files: true },
    async (tools) => {
      const scan = await tools.file(people);
      const missing: Plan = { ...scan, source: "people", paths: scan.paths.map((path) => `${path}.missing`) };
      await rejects(tools.rows(missing), "SOURCE_UNREADABLE", "run");
      await rejects(tools.engine.describe({ ...missing, columns: undefined }), "SOURCE_UNREADABLE", "describe");
    },
  );

  law("a file without a declared column rejects with SCHEMA_MISMATCH", { operations: ["scan"], files: true }, async (tools) => {
    const scan = await tools.file(people);
    await rejects(tools.rows({ ...scan, columns: [nullable("absent", "int64")] }), "SCHEMA_MISMATCH", "run");
  });
}

const failing = {
  operations: ["project", "join", "filter"],
  functions: ["cast", "case", "add", "multiply", "less", "equal"],
} as const;
