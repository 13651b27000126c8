import { deepEqual, notEqual } from "node:assert/strict";
import { checksumColumn, checksumRowsColumn, type NamedColumn, type Plan, schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import type { Cell } from "../arrow-rows.js";
import { nullable, sorted, type Text, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { samples } from "./values.js";

type Row = readonly [key: Text, value: Text, row: Text];

const operations = ["rowChecksums", "sort"] as const;

function checksumsOf(type: NamedColumn, rows: readonly Row[]): Plan {
  const input = table([nullable("k", "string"), type, nullable("row", "int64")], rows);
  return sorted({ op: "rowChecksums", input, by: ["k"] }, "k");
}

export function checksumLaws(law: EngineLaw): void {
  for (const { type, of } of samples) {
    const name = type.precision === undefined ? type.kind : `${type.kind} (${type.precision} digits)`;

    law(`row checksums of ${name} values tell different rows apart, in any order`, { operations, kinds: [type.kind] }, async ({ rows }) => {
      const text = fc.option(
        of.map((sample) => sample.text),
        { freq: 4 },
      );
      const row = fc.tuple(fc.constantFrom("a", "b", null), text, fc.nat(3).map(String));
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), text, fc.nat(), async (all, other, place) => {
          const found = await rows(checksumsOf(type, all));
          deepEqual(await rows(checksumsOf(type, [...all].reverse())), found);
          deepEqual(
            found.map(([k, count]) => [k, count]),
            countsOf(all),
          );
          const changed = all.map(([k, x, id], index): Row => [k, index === place % all.length ? other : x, id]);
          const [before, after] = [all, changed].map((each) => each[place % all.length]?.[1] ?? null);
          const [key] = all[place % all.length] ?? [];
          const of = (cells: readonly Cell[][]): Cell | undefined => cells.find(([k]) => k === key)?.[2];
          if (before === after) deepEqual(of(await rows(checksumsOf(type, changed))), of(found));
          else notEqual(of(await rows(checksumsOf(type, changed))), of(found));
        }),
        { numRuns: 10 },
      );
    });
  }

  law(
    "row checksums count equal rows, and tell a value from the same value in another column",
    { operations },
    async ({ rows, engine }) => {
      const pair = [nullable("a", "string"), nullable("b", "string")];
      const of = (...pairs: readonly (readonly [Text, Text])[]): Plan => ({ op: "rowChecksums", input: table(pair, pairs), by: [] });
      const checksum = async (plan: Plan): Promise<Cell | undefined> => (await rows(plan))[0]?.[1];
      notEqual(await checksum(of(["x", "y"])), await checksum(of(["y", "x"])));
      notEqual(await checksum(of(["x", null])), await checksum(of([null, "x"])));
      notEqual(await checksum(of(["x", "y"], ["x", "y"])), await checksum(of(["x", "y"])));
      notEqual(await checksum(of(["x", "1"], ["y", "2"])), await checksum(of(["x", "2"], ["y", "1"])));
      // Rows for which a hash that combines columns by XOR alone gives the same sum.
      notEqual(await checksum(flags("true", "false")), await checksum(flags("false", "true")));
      deepEqual((await rows(of(["x", "y"], ["x", "y"])))[0]?.[0], 2n);
      deepEqual((await rows(of()))[0]?.[0], 0n);
      deepEqual((await engine.describe(of())).columns, [checksumRowsColumn, checksumColumn]);
      deepEqual(schemaOf(of()), [checksumRowsColumn, checksumColumn]);
    },
  );
}

function flags(first: string, second: string): Plan {
  const input = table(
    [nullable("at", "timestamp"), nullable("id", "int64"), nullable("flag", "boolean")],
    [
      ["2024-01-05T00:00:00.000000Z", "98", first],
      ["2024-01-05T00:00:00.000000Z", "142003", second],
    ],
  );
  return { op: "rowChecksums", input, by: [] };
}

function countsOf(all: readonly Row[]): readonly Cell[][] {
  const counts = new Map<Text, bigint>();
  for (const [k] of all) counts.set(k, (counts.get(k) ?? 0n) + 1n);
  return ["a", "b", null].flatMap((k): Cell[][] => {
    const count = counts.get(k);
    return count === undefined ? [] : [[k, count]];
  });
}
