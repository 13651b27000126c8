import { aggregateFunctions, type ColumnKind, columnKinds, type EngineCapabilities, type Plan, rollingFunctions } from "@mlforge/spec";
import { rejects } from "../../store/conformance/expect.js";
import { aggregateOf, column, nullable, table, value } from "../plans.js";
import type { EngineLaw, EngineTools } from "../runner.js";
import { exampleCalls } from "./functions.js";

const rows = table([nullable("k", "string"), nullable("n", "int64")], [["a", "1"]]);
const timed = table([nullable("k", "string"), nullable("at", "timestamp"), nullable("n", "int64"), nullable("b", "boolean")], []);
const scan = {
  op: "scan",
  source: "rows",
  format: { kind: "parquet" },
  paths: ["file:///missing.parquet"],
  columns: rows.columns,
} as const;
const on = [{ left: "k", right: "k" }];

/** A plan for each operation. */
const plans: Readonly<Record<Exclude<Plan["op"], "values">, Plan>> = {
  scan,
  filter: { op: "filter", input: rows, condition: { expr: "literal", kind: "boolean", value: "true" } },
  project: { op: "project", input: rows, columns: [{ name: "n", value: column("n") }] },
  aggregate: { op: "aggregate", input: rows, keys: ["k"], aggregates: [] },
  join: { op: "join", left: rows, right: table([nullable("k", "string")], []), on, type: "left" },
  union: { op: "union", inputs: [rows, rows], columns: ["n"] },
  distinct: { op: "distinct", input: rows },
  sort: { op: "sort", input: rows, by: ["n"] },
  limit: { op: "limit", input: rows, count: 1 },
  sql: { op: "sql", query: "SELECT 1 AS n", inputs: {}, columns: [nullable("n", "int64")] },
  rollingAggregate: rolling("count"),
  sequence: {
    op: "sequence",
    input: timed,
    keys: ["k"],
    timestamp: "at",
    thenBy: ["n"],
    outputs: [{ name: "row", function: "rowNumber" }],
  },
  sessions: { op: "sessions", input: timed, keys: ["k"], timestamp: "at", gap: "1000000", column: "end" },
  asOfJoin: {
    op: "asOfJoin",
    left: timed,
    right: timed,
    on,
    timestamps: { left: "at", right: "at" },
    allowExactMatches: true,
    columns: [{ name: "n", as: "known" }],
  },
  numberRows: { op: "numberRows", input: rows, column: "row" },
  zip: { op: "zip", inputs: [scan] },
  keyViolations: { op: "keyViolations", input: rows, keys: ["k"], sorted: false, unique: false, limit: 1 },
  rowChecksums: { op: "rowChecksums", input: rows, by: ["k"] },
};

function rolling(name: (typeof rollingFunctions)[number]): Plan {
  const column = name === "any" || name === "every" ? "b" : "n";
  const options = { by: "at", quantile: 0.5, limit: 1, edges: [0] };
  const output = { name: "value", column, function: name, every: "1000000", window: "1000000", ...options };
  return { op: "rollingAggregate", input: timed, keys: ["k"], timestamp: "at", outputs: [output] };
}

/** Checks that an engine refuses what it does not claim, so that a plan is never computed halfway or wrongly. */
export function refusalLaws(
  law: EngineLaw,
  { operations, functions, aggregates, kinds, rolling: windows, writes, formats }: EngineCapabilities,
): void {
  for (const [operation, plan] of Object.entries(plans)) {
    if (operations?.some((claimed) => claimed === operation) ?? true) continue;
    law(`${operation}, which is not claimed, is refused with CAPABILITY_MISSING`, {}, (tools) => refuses(tools, plan));
  }
  for (const [name, expression] of exampleCalls) {
    if (functions?.includes(name) ?? true) continue;
    law(`${name}, which is not claimed, is refused with CAPABILITY_MISSING`, { operations: ["project"] }, (tools) =>
      refuses(tools, value(expression)),
    );
  }
  for (const name of aggregateFunctions) {
    if (aggregates?.includes(name) ?? true) continue;
    const input = name === "any" || name === "every" ? ({ expr: "literal", kind: "boolean", value: "true" } as const) : column("n");
    const plan = aggregateOf(rows, { function: name, input, by: column("k"), quantile: 0.5, limit: 1, edges: [0] });
    law(`${name}, which is not claimed, is refused with CAPABILITY_MISSING`, { operations: ["aggregate"] }, (tools) =>
      refuses(tools, plan),
    );
  }
  for (const name of rollingFunctions) {
    if (windows.includes(name)) continue;
    law(`rolling ${name}, which is not claimed, is refused with CAPABILITY_MISSING`, { operations: ["rollingAggregate"] }, (tools) =>
      refuses(tools, rolling(name)),
    );
  }
  for (const kind of columnKinds) {
    if (kinds?.includes(kind) ?? true) continue;
    law(`${kind}, which is not claimed, is refused with CAPABILITY_MISSING`, {}, (tools) => refuses(tools, table([columnOf(kind)], [])));
  }
  law("write to a scheme or in a format that is not claimed is refused with CAPABILITY_MISSING", {}, async ({ engine, url }) => {
    const targets = [
      ...(writes.includes("elsewhere") ? [] : [{ url: "elsewhere://bucket/rows", format: "parquet" } as const]),
      ...(["parquet", "csv"] as const)
        .filter((format) => !writes.includes("file") || !(formats?.includes(format) ?? true))
        .map((format) => ({ url: url(`rows.${format}`), format })),
    ];
    for (const target of targets) await rejects(engine.write(rows, target), "CAPABILITY_MISSING", `write to ${target.url}`);
  });
}

async function refuses({ engine, rows }: EngineTools, plan: Plan): Promise<void> {
  await rejects(engine.describe(plan), "CAPABILITY_MISSING", "describe");
  await rejects(rows(plan), "CAPABILITY_MISSING", "run");
}

function columnOf(kind: ColumnKind): ReturnType<typeof nullable> {
  switch (kind) {
    case "list":
      return nullable("x", kind, { of: { kind: "int64", nullable: true } });
    case "vector":
      return nullable("x", kind, { length: 2, element: "float64" });
    case "struct":
      return nullable("x", kind, { fields: [nullable("a", "int64")] });
    default:
      return nullable("x", kind);
  }
}
