import { deepEqual } from "node:assert/strict";
import type { Expression, ScalarKind } from "@mlforge/spec";
import { rejects } from "../../store/conformance/expect.js";
import type { Cell } from "../arrow-rows.js";
import type { Claims } from "../claims.js";
import { value } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { boolean, bytes, date, float64, kindsIn, micros, none, string, timestamp } from "./constants.js";

const exact: readonly (readonly [from: Expression, to: ScalarKind, value: Cell])[] = [
  [string("2020-01-01T02:00:00+02:00"), "timestamp", micros("2020-01-01T00:00:00Z")],
  [string("2020-01-01 00:00:00.5"), "timestamp", micros("2020-01-01T00:00:00.500Z")],
  [string("2020-01-01"), "date", 18_262],
  [string("é"), "bytes", "c3a9"],
  [bytes("w6k="), "string", "é"],
  [date("1969-12-31"), "timestamp", -86_400_000_000n],
  [timestamp("1969-12-31T23:59:59.000000Z"), "date", -1],
  [string("9007199254740993"), "int64", 9_007_199_254_740_993n],
  [string(" -12.00 "), "int32", -12],
  [string("+7"), "decimal", 7n],
  [boolean("true"), "int32", 1],
  [float64("0.1"), "float32", Math.fround(0.1)],
  [none("string"), "timestamp", null],
];

const impossible: readonly (readonly [from: Expression, to: ScalarKind])[] = [
  [string("x"), "int32"],
  [string("1.5"), "int32"],
  [string("1_000"), "int64"],
  [string(""), "int64"],
  [string("0.5"), "decimal"],
  [string("1.5x"), "float64"],
  [string("2020-01-01x"), "date"],
  [string("yesterday"), "timestamp"],
  [bytes("/w=="), "string"],
  [string("maybe"), "boolean"],
];

export function castLaws(law: EngineLaw, claims: Claims): void {
  const needs = { operations: ["project"], functions: ["cast"] } as const;
  const able = <T extends readonly [Expression, ScalarKind, ...unknown[]]>(cases: readonly T[]): readonly T[] =>
    cases.filter(([from, to]) => claims({ kinds: [to, ...kindsIn([from])] }));

  law("a cast converts values exactly", needs, async ({ only }) => {
    for (const [from, kind, expected] of able(exact)) {
      const found = await only(value({ expr: "cast", value: from, to: { kind } }));
      deepEqual({ from, kind, value: found }, { from, kind, value: expected });
    }
  });

  law("a cast of a value that cannot be converted is an error", needs, async ({ only }) => {
    for (const [from, kind] of able(impossible)) {
      const found = only(value({ expr: "cast", value: from, to: { kind } }));
      await rejects(found, "TRANSFORM_FAILED", `the cast of ${JSON.stringify(from)} to ${kind}`);
    }
  });

  law("a cast to decimal keeps the declared digits", { ...needs, kinds: ["decimal"] }, async ({ only }) => {
    const cast: Expression = { expr: "cast", value: string("1.005"), to: { kind: "decimal", precision: 10, scale: 3 } };
    deepEqual(await only(value(cast)), 1005n);
    await rejects(only(value({ ...cast, value: string("1.0051") })), "TRANSFORM_FAILED", "a decimal with a digit too many");
  });
}
