import type { Expression, Plan } from "@mlforge/spec";
import { call, column, literal, nullable, table } from "./plans.js";

const base = 1000;

/** Returns a plan of the int64 numbers from 0 to `count` - 1 in the column `n`, in no particular order. The plan is small even if `count` is not. */
export function numbers(count: number): Plan {
  if (count <= base) return digits("n", count);
  return { op: "filter", input: joined(Math.ceil(count / base)), condition: call("less", column("n"), int64(count)) };
}

/** Returns a plan that counts more rows than an engine can in hours, and has no row before the end. */
export function endless(): Plan {
  const rows = [1, 2, 3, 4].reduce<Plan>((left, place) => cross(left, digits(`d${place}`, base)), digits("d0", base));
  const names = ["d0", "d1", "d2", "d3", "d4"];
  const sum = names.map((name): Expression => column(name)).reduce((all, each) => call("add", all, each));
  // No engine can know that no row fulfills this.
  const none: Plan = { op: "filter", input: rows, condition: call("equal", scrambled(sum, 1009), int64(2000)) };
  return { op: "aggregate", input: none, keys: [], aggregates: [{ name: "n", value: { function: "count" } }] };
}

/** Returns a plan of more rows than an engine can compute in hours. */
export function endlessRows(): Plan {
  return [1, 2, 3, 4].reduce<Plan>((left, place) => cross(left, digits(`d${place}`, base)), digits("d0", base));
}

/** Returns a number that depends on `n` without order, from 0 to `modulus` - 1. */
export function scrambled(n: Expression, modulus: number, salt = 0): Expression {
  const mixed = call("modulo", call("multiply", call("add", n, int64(salt)), int64(48_271)), int64(2_147_483_647));
  const again = call("modulo", call("multiply", mixed, int64(16_807)), int64(2_147_483_647));
  return call("modulo", again, int64(modulus));
}

export function int64(value: number | bigint): Expression {
  return literal("int64", String(value));
}

function joined(blocks: number): Plan {
  const n = call("add", column("low"), call("multiply", column("high"), int64(base)));
  return { op: "project", input: cross(digits("low", base), digits("high", blocks)), columns: [{ name: "n", value: n }] };
}

function cross(left: Plan, right: Plan): Plan {
  return { op: "join", type: "inner", left, right, on: [] };
}

function digits(name: string, count: number): Plan {
  return table(
    [nullable(name, "int64")],
    Array.from({ length: count }, (_, index) => [String(index)]),
  );
}
