import { deepEqual, equal } from "node:assert/strict";
import { type Plan, schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import type { Cell } from "../arrow-rows.js";
import { call, column, literal, nullable, sorted, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";

const people = table(
  [nullable("id", "int64"), nullable("name", "string")],
  [
    ["1", "Ada"],
    ["2", "Bob"],
    ["2", "Bea"],
    [null, "Nil"],
  ],
);
const orders = table(
  [nullable("person", "int64"), nullable("amount", "int64")],
  [
    ["2", "20"],
    ["2", "30"],
    ["3", "40"],
    [null, "50"],
  ],
);
const on = [{ left: "id", right: "person" }];

/** Orders rows as text, because most operations give no order. */
function inOrder(rows: readonly Cell[][]): readonly Cell[][] {
  return [...rows].sort((a, b) => (a.map(String).join("\0") < b.map(String).join("\0") ? -1 : 1));
}

export function relationLaws(law: EngineLaw): void {
  law("filter keeps the rows whose condition is true, not those where it is null", filtering, async ({ rows }) => {
    const condition = call("greater", column("id"), literal("int64", "1"));
    deepEqual(inOrder(await rows({ op: "filter", input: people, condition })), [
      [2n, "Bea"],
      [2n, "Bob"],
    ]);
  });

  law("project reads the columns of its input, even if it gives a column of the same name", projecting, async ({ rows, engine }) => {
    const columns = [
      { name: "name", value: call("add", column("id"), literal("int64", "1")) },
      { name: "id", value: column("name") },
    ];
    const plan: Plan = { op: "project", input: people, columns };
    deepEqual((await engine.describe(plan)).columns, schemaOf(plan));
    deepEqual(inOrder(await rows(plan)), [
      [2n, "Ada"],
      [3n, "Bea"],
      [3n, "Bob"],
      [null, "Nil"],
    ]);
  });

  law("an inner join gives all pairs, and null matches nothing", { operations: ["join"] }, async ({ rows }) => {
    deepEqual(inOrder(await rows({ op: "join", type: "inner", left: people, right: orders, on })), [
      [2n, "Bea", 20n],
      [2n, "Bea", 30n],
      [2n, "Bob", 20n],
      [2n, "Bob", 30n],
    ]);
  });

  law("a left join keeps rows without a match", { operations: ["join"] }, async ({ rows }) => {
    deepEqual(inOrder(await rows({ op: "join", type: "left", left: people, right: orders, on })), [
      [1n, "Ada", null],
      [2n, "Bea", 20n],
      [2n, "Bea", 30n],
      [2n, "Bob", 20n],
      [2n, "Bob", 30n],
      [null, "Nil", null],
    ]);
  });

  law("a join without columns gives all pairs", { operations: ["join"] }, async ({ rows }) => {
    equal((await rows({ op: "join", type: "inner", left: people, right: orders, on: [] })).length, 16);
  });

  law("union gives all rows of all inputs, and matches columns by name", { operations: ["union"] }, async ({ rows, engine }) => {
    const swapped = table(
      [nullable("name", "string"), { name: "id", kind: "int64", nullable: false }],
      [
        ["Ada", "1"],
        ["Eve", "5"],
      ],
    );
    const plan: Plan = {
      op: "union",
      inputs: [people, swapped, table([nullable("id", "int64"), nullable("name", "string")], [])],
      columns: ["id", "name"],
    };
    deepEqual((await engine.describe(plan)).columns, schemaOf(plan));
    deepEqual(inOrder(await rows(plan)), [
      [1n, "Ada"],
      [1n, "Ada"],
      [2n, "Bea"],
      [2n, "Bob"],
      [5n, "Eve"],
      [null, "Nil"],
    ]);
    deepEqual(inOrder(await rows({ ...plan, columns: ["name"] })), [["Ada"], ["Ada"], ["Bea"], ["Bob"], ["Eve"], ["Nil"]]);
  });

  law("operations above a union see the rows of all its inputs", counting, async ({ rows }) => {
    const ids: Plan = { op: "union", inputs: [people, people], columns: ["id"] };
    const counted: Plan = { op: "aggregate", input: ids, keys: ["id"], aggregates: [{ name: "rows", value: { function: "count" } }] };
    const some: Plan = { op: "filter", input: counted, condition: call("greater", column("rows"), literal("int64", "1")) };
    const twice: Plan = { op: "union", inputs: [some, { op: "limit", count: 1, input: sorted(some, "id") }], columns: ["rows", "id"] };
    deepEqual(inOrder(await rows(twice)), [
      [2n, 1n],
      [2n, 1n],
      [2n, null],
      [4n, 2n],
    ]);
  });

  law("aggregate gives one row for each key, and null is a key", { operations: ["aggregate"], aggregates: ["count"] }, async ({ rows }) => {
    const plan: Plan = { op: "aggregate", input: people, keys: ["id"], aggregates: [{ name: "rows", value: { function: "count" } }] };
    deepEqual(inOrder(await rows(plan)), [
      [1n, 1n],
      [2n, 2n],
      [null, 1n],
    ]);
  });

  law("distinct gives each row once, including null and NaN", { operations: ["distinct"], kinds: ["float64"] }, async ({ rows }) => {
    const input = table([nullable("x", "float64")], [["1"], [null], ["NaN"], ["1"], [null], ["NaN"]]);
    deepEqual(inOrder(await rows({ op: "distinct", input })), [[1], [Number.NaN], [null]]);
  });

  law("sort orders strings by their UTF-8 bytes, nulls last", { operations: ["sort"] }, async ({ rows }) => {
    const text = fc.option(fc.string({ unit: "binary", maxLength: 4 }), { nil: null });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 20 }), async (values) => {
        const input = table(
          [nullable("s", "string")],
          values.map((value) => [value]),
        );
        const bytes = values.flatMap((value) => (value === null ? [] : [Buffer.from(value)])).sort(Buffer.compare);
        const expected = [...bytes.map(String), ...values.filter((value) => value === null)];
        deepEqual(
          (await rows(sorted(input, "s"))).map(([value]) => value),
          expected,
        );
      }),
      { numRuns: 30 },
    );
  });

  law("sort orders numbers ascending, then NaN, then nulls", { operations: ["sort"], kinds: ["float64"] }, async ({ rows }) => {
    const input = table([nullable("x", "float64")], [["10"], [null], ["NaN"], ["-Infinity"], ["9"], ["Infinity"], ["-1"]]);
    const found = (await rows(sorted(input, "x"))).map(([x]) => x);
    deepEqual(found, [Number.NEGATIVE_INFINITY, -1, 9, 10, Number.POSITIVE_INFINITY, Number.NaN, null]);
  });

  law(
    "sort by several columns orders equal rows by the next, and keeps the columns asked for",
    { operations: ["sort"] },
    async ({ rows }) => {
      deepEqual(await rows({ op: "sort", input: people, by: ["id", "name"], columns: ["name", "id"] }), [
        ["Ada", 1n],
        ["Bea", 2n],
        ["Bob", 2n],
        ["Nil", null],
      ]);
    },
  );

  law("limit takes the first rows of a sort", { operations: ["limit", "sort"] }, async ({ rows }) => {
    deepEqual(await rows({ op: "limit", count: 2, input: sorted(people, "name") }), [
      [1n, "Ada"],
      [2n, "Bea"],
    ]);
    deepEqual(await rows({ op: "limit", count: 0, input: people }), []);
  });

  law("names and strings of any characters mean themselves", naming, async ({ rows, engine }) => {
    const hostile = fc.constantFrom('"', "'", "`", ";", "--", "\n", "/*", "*/", ")", "DROP TABLE t", "\\", "$1", "é", "a", " ");
    const name = fc.array(hostile, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(name, name, name, async (source, target, text) => {
        const input: Plan = {
          op: "project",
          input: table([nullable(source, "string")], [[text]]),
          columns: [{ name: target, value: call("concat", column(source), literal("string", text)) }],
        };
        const aggregates = [{ name: `${target}#`, value: { function: "count" } as const }];
        const counted: Plan = { op: "aggregate", input, keys: [target], aggregates };
        const { columns } = await engine.describe(counted);
        deepEqual(
          columns.map((found) => found.name),
          [target, `${target}#`],
        );
        deepEqual(await rows(counted), [[text + text, 1n]]);
      }),
      { numRuns: 60 },
    );
  });
}

const filtering = { operations: ["filter"], functions: ["greater"] } as const;
const projecting = { operations: ["project"], functions: ["add"] } as const;
const counting = { operations: ["union", "aggregate", "filter", "limit", "sort"], functions: ["greater"], aggregates: ["count"] } as const;
const naming = { operations: ["project", "aggregate"], functions: ["concat"], aggregates: ["count"] } as const;
