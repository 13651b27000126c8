import { deepEqual } from "node:assert/strict";
import { type Plan, type Scan, schemaOf, type Zip } from "@mlforge/spec";
import { call, column, nullable, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { counting, countWrong, fileOfNumbers } from "./number.js";

export function zipLaws(law: EngineLaw): void {
  const zipping = {
    ...counting,
    operations: [...counting.operations, "zip", "numberRows"],
    functions: [...counting.functions, "and"],
  } as const;
  law("zip has the rows of all inputs side by side, in their order, over several files", zipping, async (tools) => {
    const whole = await fileOfNumbers(tools, "c", 0, 400_000);
    const [head, tail] = [await fileOfNumbers(tools, "d", 0, 150_000), await fileOfNumbers(tools, "d", 150_000, 250_000)];
    const parts: Scan = { ...head, paths: [...head.paths, ...tail.paths] };
    const third = await fileOfNumbers(tools, "e", 0, 400_000);
    const plan: Zip = { op: "zip", inputs: [whole, parts, third] };
    const same = call("and", call("equal", column("c"), column("d")), call("equal", column("d"), column("e")));
    deepEqual(await countWrong(tools, plan, same), [400_000n, 0n]);
    const zipped: Plan = { op: "numberRows", input: await tools.file(plan), column: "row" };
    deepEqual(await countWrong(tools, zipped, call("and", same, call("equal", column("row"), column("c")))), [400_000n, 0n]);
  });

  law(
    "zip reads the stated columns only, in their order and kinds",
    { operations: ["zip", "scan"], kinds: ["decimal"], files: true },
    async (tools) => {
      const texts = ["", "1", "22"];
      const fileOf = (prefix: string): Promise<Scan> =>
        tools.file(
          table(
            [nullable(`${prefix}n`, "int64"), nullable(`${prefix}s`, "string")],
            texts.map((text, n) => [String(n), text]),
          ),
        );
      const decimal = nullable("fn", "decimal", { precision: 38, scale: 0 });
      const plan: Zip = {
        op: "zip",
        inputs: [
          { ...(await fileOf("f")), columns: [nullable("fs", "string"), decimal] },
          { ...(await fileOf("g")), columns: [nullable("gn", "int64")] },
        ],
      };
      deepEqual((await tools.engine.describe(plan)).columns, schemaOf(plan));
      deepEqual(
        await tools.rows(plan),
        texts.map((text, n) => [text, BigInt(n), BigInt(n)]),
      );
    },
  );
}
