import { deepEqual, equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { NamedColumn, Plan, ScalarKind } from "@mlforge/spec";
import * as fc from "fast-check";
import { rejects } from "../../store/conformance/expect.js";
import type { Claims } from "../claims.js";
import { call, column, literal, nullable, type Text, table, value } from "../plans.js";
import type { EngineLaw } from "../runner.js";

/** A published example: values, the text that is hashed, and its key. */
interface Example {
  readonly values: readonly { readonly kind: ScalarKind; readonly value: Text }[];
  readonly text: string;
  readonly key: string;
}

const published = new URL("../../../surrogate-keys.json", import.meta.url);

function keyOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const needs = { operations: ["project"], functions: ["surrogateKey"] } as const;

export function surrogateKeyLaws(law: EngineLaw, claims: Claims): void {
  law("surrogateKey gives the published keys", needs, async ({ only }) => {
    const examples: readonly Example[] = JSON.parse(await readFile(published, "utf8"));
    for (const { values, text, key } of examples) {
      if (!claims({ kinds: values.map(({ kind }) => kind) })) continue;
      equal(keyOf(text), key);
      const plan = value(call("surrogateKey", ...values.map((each) => literal(each.kind, each.value))));
      deepEqual({ text, key: await only(plan) }, { text, key });
    }
  });

  law("surrogateKey is never null", needs, async ({ engine }) => {
    const { columns } = await engine.describe(value(call("surrogateKey", literal("string", null))));
    deepEqual(columns, [{ name: "value", kind: "string", nullable: false }]);
  });

  law("surrogateKey does not take floats", { ...needs, kinds: ["float32", "float64"] }, async ({ engine }) => {
    for (const kind of ["float32", "float64"] as const) {
      await rejects(engine.describe(value(call("surrogateKey", literal(kind, "1")))), "DEFINITION_INVALID", `a key of a ${kind}`);
    }
  });

  law("surrogateKey hashes what its definition says, of columns of every kind", needs, async ({ rows }) => {
    const able = samples.filter(([{ kind }]) => claims({ kinds: [kind] }));
    const columns = able.map(([type]) => type);
    const row = fc.tuple(...able.map(([, of]) => fc.option(of)));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (values) => {
        const input = table(
          [nullable("row", "int64"), ...columns],
          values.map((cells, index) => [String(index), ...cells.map((each) => each?.literal ?? null)]),
        );
        const key = { name: "key", value: call("surrogateKey", ...columns.map(({ name }) => column(name))) };
        const plan: Plan = { op: "project", input, columns: [{ name: "row", value: column("row") }, key] };
        const expected = values.map((cells, index) => [
          BigInt(index),
          keyOf(`mlforge:1:${cells.map((each) => each?.part ?? "n;").join("")}`),
        ]);
        deepEqual(
          (await rows(plan)).sort(([a], [b]) => Number(a) - Number(b)),
          expected,
        );
      }),
      { numRuns: 50 },
    );
  });
}

/** A value as a literal writes it, and the part of the hashed text that it must become. */
interface Sample {
  readonly literal: string;
  readonly part: string;
}

function part(tag: string, text: string): string {
  return `${tag}${new TextEncoder().encode(text).length}:${text};`;
}

const text: fc.Arbitrary<Sample> = fc.string({ unit: "binary", maxLength: 9 }).map((each) => ({ literal: each, part: part("s", each) }));
const boolean: fc.Arbitrary<Sample> = fc.boolean().map((each) => ({ literal: `${each}`, part: each ? "b4:true;" : "b5:false;" }));
const bytes: fc.Arbitrary<Sample> = fc.uint8Array({ maxLength: 9 }).map((each) => ({
  literal: Buffer.from(each).toString("base64"),
  part: part("x", [...each].map((byte) => byte.toString(16).padStart(2, "0")).join("")),
}));
const day: fc.Arbitrary<Sample> = fc.integer({ min: -719_162, max: 2_932_896 }).map((days) => ({
  literal: new Date(days * 86_400_000).toISOString().slice(0, 10),
  part: part("d", `${days}`),
}));
const timestamp: fc.Arbitrary<Sample> = fc
  .tuple(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), fc.integer({ min: 0, max: 999 }))
  .map(([milliseconds, microseconds]) => ({
    literal: `${new Date(milliseconds).toISOString().slice(0, -1)}${`${microseconds}`.padStart(3, "0")}Z`,
    part: part("t", `${BigInt(milliseconds) * 1000n + BigInt(microseconds)}`),
  }));
const decimal: fc.Arbitrary<Sample> = fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }).map((unscaled) => {
  const digits = `${unscaled < 0n ? -unscaled : unscaled}`.padStart(5, "0");
  const sign = unscaled < 0n ? "-" : "";
  const fraction = digits.slice(-4).replace(/0+$/, "");
  return {
    literal: `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`,
    part: part("m", `${sign}${digits.slice(0, -4)}${fraction === "" ? "" : `.${fraction}`}`),
  };
});

function integer(bits: bigint): fc.Arbitrary<Sample> {
  const end = 2n ** bits;
  return fc.bigInt({ min: -end, max: end - 1n }).map((each) => ({ literal: `${each}`, part: part("i", `${each}`) }));
}

const samples: readonly (readonly [NamedColumn, fc.Arbitrary<Sample>])[] = [
  [nullable("s", "string"), text],
  [nullable("b", "boolean"), boolean],
  [nullable("i", "int32"), integer(31n)],
  [nullable("l", "int64"), integer(63n)],
  [nullable("m", "decimal", { precision: 20, scale: 4 }), decimal],
  [nullable("d", "date"), day],
  [nullable("t", "timestamp"), timestamp],
  [nullable("x", "bytes"), bytes],
];
