import type { Plan, TimeEncoding } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { durationText, parseDuration } from "../../src/define/duration.js";
import { contentOf, relationOf } from "../../src/define/relation-builder.js";
import { source } from "../../src/define/source.js";
import { planText } from "../../src/resolve/plan-text.js";

const flights: Plan = {
  op: "scan",
  source: "flights",
  format: { kind: "csv", delimiter: ";" },
  paths: ["data/flights.csv"],
  columns: [
    { name: "date", kind: "timestamp", nullable: false },
    { name: "delay (min)", kind: "decimal", precision: 9, scale: 2, nullable: true },
  ],
};

describe("the text of a plan", () => {
  it.each([
    [{ kind: "iso" }, "date written as ISO 8601"],
    [{ kind: "epoch", unit: "ms" }, "date written as milliseconds since 1970-01-01T00:00:00Z"],
    [{ kind: "format", formats: ["%d.%m.%Y", "%Y"] }, 'date written as "%d.%m.%Y" or "%Y"'],
  ] satisfies readonly (readonly [TimeEncoding, string])[])("says how times are written: %j", (date, line) => {
    expect(
      planText({ ...flights, encodings: { date } })
        .at(-1)
        ?.trim(),
    ).toBe(line);
  });

  it("has a line for each thing that can change, what is read first", () => {
    const late: Plan = {
      op: "filter",
      input: flights,
      condition: {
        expr: "call",
        function: "and",
        arguments: [
          {
            expr: "call",
            function: "greater",
            arguments: [
              { expr: "column", name: "delay (min)" },
              { expr: "literal", kind: "decimal", value: "15.00" },
            ],
          },
          { expr: "call", function: "isNotNull", arguments: [{ expr: "column", name: "date" }] },
        ],
      },
    };
    const plan: Plan = {
      op: "rollingAggregate",
      input: late,
      keys: ["origin"],
      timestamp: "date",
      outputs: [{ name: "mean_delay", column: "delay (min)", function: "mean", every: "3600000000", window: "604800000000" }],
    };
    expect(planText(plan)).toEqual([
      "read flights",
      "  from data/flights.csv",
      '  as csv, delimiter ";"',
      "  date: timestamp, never null",
      "  `delay (min)`: decimal(9, 2)",
      'filter (`delay (min)` > decimal("15.00")) and isNotNull(date)',
      "rolling by origin over date",
      "  mean_delay: mean(`delay (min)`) of 7d every 1h",
    ]);
  });

  it("says what an as-of join compares", () => {
    const orders = source({ path: "orders.csv", columns: { user: t.string(), at: t.timestamp() }, timestamp: "at" });
    const plans = source({ path: "plans.csv", columns: { user: t.string(), since: t.timestamp(), plan: t.string() }, timestamp: "since" });
    const plan = contentOf(relationOf(orders, () => []).asOfJoin(plans, { on: "user", ttl: "30d" }))?.plan;
    expect(plan && planText(plan)).toEqual([
      "read orders",
      "  from orders.csv",
      "  as csv",
      "  user: string",
      "  at: timestamp",
      "as-of join on user, since <= at, less than 30d old",
      "  since: since",
      "  plan: plan",
      "  read plans",
      "    from plans.csv",
      "    as csv",
      "    user: string",
      "    since: timestamp",
      "    plan: string",
    ]);
  });

  it("says which columns are in folder names", () => {
    const dt = { name: "dt", kind: "date", nullable: true } as const;
    const id = { name: "id", kind: "int64", nullable: true } as const;
    const scan: Plan = { op: "scan", source: "s", format: { kind: "parquet" }, paths: ["a"], columns: [id, dt], partitions: [dt] };
    expect(planText(scan).slice(3)).toEqual(["  id: int64", "  dt: date, in folder names"]);
    expect(planText({ ...scan, columns: undefined }).slice(3)).toEqual(["  dt: date, in folder names"]);
  });

  it("shows the rows of values", () => {
    const values: Plan = { op: "values", columns: [{ name: "n", kind: "int64", nullable: true }], rows: [["1"], [null]] };
    expect(planText(values)).toEqual(["values", "  n: int64", '  ["1"]', "  [null]"]);
  });

  it("keeps the right side of a join apart", () => {
    const plan: Plan = {
      op: "join",
      left: flights,
      right: { op: "distinct", input: flights },
      on: [{ left: "a", right: "b" }],
      type: "left",
    };
    expect(planText(plan).slice(5)).toEqual(["left join on a = b", ...planText(flights).map((line) => `  ${line}`), "  distinct"]);
  });

  it("says how a sequence orders rows, and what it adds", () => {
    const outputs = [
      { name: "n", function: "rowNumber" },
      { name: "b", function: "lag", column: "a", offset: 2 },
    ] as const;
    const plan: Plan = { op: "sequence", input: flights, keys: ["a"], timestamp: "at", thenBy: ["id"], outputs };
    expect(planText(plan).slice(planText(flights).length)).toEqual([
      "sequence by a over at, then by id",
      "  n: row number",
      "  b: lag 2 of a",
    ]);
  });

  it("says which rows are one session", () => {
    const plan: Plan = { op: "sessions", input: flights, keys: ["a"], timestamp: "at", gap: "1800000000", column: "end" };
    expect(planText(plan).slice(planText(flights).length)).toEqual([
      "sessions by a over at, at most 30m between rows",
      "  end: end of the session",
    ]);
  });

  it("says which rows a union adds", () => {
    const inputs: Plan[] = [flights, { op: "distinct", input: flights }, flights];
    const other = planText(flights).map((line) => `  ${line}`);
    expect(planText({ op: "union", inputs, columns: ["a"] })).toEqual([
      ...planText(flights),
      "union of a with the rows of",
      ...other,
      "  distinct",
      ...other,
    ]);
  });

  it.each(["90s", "1m", "25h", "1d", "7d"] as const)("says %s as it was said", (duration) => {
    expect(durationText(String(parseDuration(duration)))).toBe(duration);
  });
});
