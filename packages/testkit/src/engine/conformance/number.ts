import { deepEqual } from "node:assert/strict";
import type { Expression, Plan, Scan } from "@mlforge/spec";
import type { Cell } from "../arrow-rows.js";
import { int64, numbers } from "../numbers.js";
import { call, column, nullable, sorted, table } from "../plans.js";
import type { EngineLaw, EngineTools } from "../runner.js";

/** Returns the number of rows of a plan, and of those for which a condition is not true. */
export async function countWrong({ only }: EngineTools, input: Plan, condition: Expression): Promise<readonly (Cell | undefined)[]> {
  const isWrong = call("not", call("coalesce", condition, { expr: "literal", kind: "boolean", value: "false" }));
  const count = async (rows: Plan): Promise<Cell | undefined> =>
    only({ op: "aggregate", input: rows, keys: [], aggregates: [{ name: "rows", value: { function: "count" } }] });
  return [await count(input), await count({ op: "filter", input, condition: isWrong })];
}

/** The capabilities that {@link countWrong} and {@link fileOfNumbers} need. */
export const counting = {
  operations: ["scan", "aggregate", "filter", "sort", "project", "join"],
  functions: ["not", "coalesce", "equal", "add", "multiply", "less"],
  aggregates: ["count"],
  kinds: ["boolean"],
  files: true,
} as const;

/** Writes a file of the numbers from `start` on, in order, in the column `name`. */
export async function fileOfNumbers({ file }: EngineTools, name: string, start: number, count: number): Promise<Scan> {
  const columns = [{ name, value: call("add", column("n"), int64(start)) }];
  return file(sorted({ op: "project", input: numbers(count), columns }, name));
}

export function numberLaws(law: EngineLaw): void {
  law("number counts rows from 0 in their order", { operations: ["numberRows"] }, async ({ rows, engine }) => {
    const values = Array.from({ length: 3000 }, (_, index) => [`${(index * 7919) % 3001}`]);
    const plan: Plan = { op: "numberRows", input: table([nullable("x", "int64")], values), column: "row" };
    const { columns } = await engine.describe(plan);
    deepEqual(columns, [nullable("x", "int64"), { name: "row", kind: "int64", nullable: false }]);
    const found = (await rows(plan)).sort(([, a], [, b]) => Number(a) - Number(b));
    deepEqual(
      found,
      values.map(([x = ""], row) => [BigInt(x), BigInt(row)]),
    );
    deepEqual(await rows({ ...plan, input: table([nullable("x", "int64")], []) }), []);
  });

  const numbering = { ...counting, operations: [...counting.operations, "numberRows"] } as const;
  law("number counts the rows of several files in their order", numbering, async (tools) => {
    const scans = [
      await fileOfNumbers(tools, "n", 0, 300_000),
      await fileOfNumbers(tools, "n", 300_000, 1),
      await fileOfNumbers(tools, "n", 300_001, 250_000),
    ];
    const [first] = scans;
    if (first === undefined) return;
    const input: Scan = { ...first, paths: scans.flatMap(({ paths }) => paths) };
    const found = await countWrong(tools, { op: "numberRows", input, column: "row" }, call("equal", column("row"), column("n")));
    deepEqual(found, [550_001n, 0n]);
  });

  const scrambling = { ...numbering, functions: [...counting.functions, "modulo"] } as const;
  law("a number stays with its row in a sort and in a file", scrambling, async (tools) => {
    const input = await fileOfNumbers(tools, "n", 0, 400_000);
    const keyed: Plan = {
      op: "project",
      input: { op: "numberRows", input, column: "row" },
      columns: [
        ...["n", "row"].map((name) => ({ name, value: column(name) })),
        { name: "key", value: call("modulo", column("n"), int64(9973)) },
      ],
    };
    const scan = await tools.file(sorted(keyed, "key", "row"));
    deepEqual(await countWrong(tools, scan, call("equal", column("row"), column("n"))), [400_000n, 0n]);
    const again: Plan = { op: "numberRows", column: "place", input: sorted(scan, "row") };
    deepEqual(await countWrong(tools, again, call("equal", column("place"), column("n"))), [400_000n, 0n]);
  });
}
