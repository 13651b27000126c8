import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isMlforgeError, type Plan, type ScalarKind } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { DuckDBEngine } from "../src/index.js";
import { onlyValue, rowsOf } from "./arrow-rows.js";
import { call, column, literal, nullable, type Text, table, value } from "./plans.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

interface Vector {
  readonly values: readonly { readonly kind: ScalarKind; readonly value: Text }[];
  readonly text: string;
  readonly key: string;
}

const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL("../../testkit/surrogate-keys.json", import.meta.url), "utf8"));

function keyOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("surrogateKey", () => {
  it.each(vectors)("gives the published key of $text", async ({ values, text, key }) => {
    expect(keyOf(text)).toBe(key);
    const plan = value(call("surrogateKey", ...values.map((each) => literal(each.kind, each.value))));
    expect(await onlyValue(engine, plan)).toBe(key);
  });

  it("is never null", async () => {
    const plan = value(call("surrogateKey", literal("string", null)));
    expect((await engine.describe(plan)).columns).toEqual([{ name: "value", kind: "string", nullable: false }]);
  });

  it.each(["float32", "float64"] as const)("takes no %s", (kind) => {
    const plan = value(call("surrogateKey", literal(kind, "1")));
    return expect(engine.describe(plan)).rejects.toSatisfy((error) => isMlforgeError(error, "DEFINITION_INVALID"));
  });

  it("is the hash of what its definition says, of columns of every kind", async () => {
    const columns = [
      nullable("s", "string"),
      nullable("b", "boolean"),
      nullable("i", "int32"),
      nullable("l", "int64"),
      nullable("m", "decimal", { precision: 20, scale: 4 }),
      nullable("d", "date"),
      nullable("t", "timestamp"),
      nullable("x", "bytes"),
    ];
    const row = fc.tuple(...[text, boolean, integer(31n), integer(63n), decimal, day, moment, bytes].map((each) => fc.option(each)));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const input = table(
          columns,
          rows.map((values) => values.map((each) => each?.literal ?? null)),
        );
        const key = { name: "key", value: call("surrogateKey", ...columns.map(({ name }) => column(name))) };
        const plan: Plan = { op: "project", input, columns: [key] };
        const expected = rows.map((values) => [keyOf(`mlforge:1:${values.map((each) => each?.part ?? "n;").join("")}`)]);
        expect(await rowsOf(engine, plan)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

/** A value as a literal has it, and as the part of a key that it must become. */
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
const moment: fc.Arbitrary<Sample> = fc
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
