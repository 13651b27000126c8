import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Engine, type EngineCapabilities, type Expression, isMlforgeError, type Plan, schemaOf } from "@mlforge/spec";
import { call, column, literal } from "../../src/engine/plans.js";
import { mapAggregates, mapExpressions, mapPlan } from "./map-plan.js";

/** An engine with one mistake, and the law that it breaks. */
export interface BrokenEngine {
  readonly mistake: string;
  readonly breaks: string;
  /** Changes the plans that the engine runs and writes. It describes them as they are. */
  readonly plan?: (plan: Plan) => Plan;
  /** Replaces methods. */
  readonly methods?: (inner: Engine) => Partial<Engine>;
  /** Changes the capabilities that it declares. */
  readonly capabilities?: Partial<EngineCapabilities>;
}

type Operation<K extends Plan["op"]> = Extract<Plan, { readonly op: K }>;

/** Replaces the operations of one kind in a plan. */
function every<K extends Plan["op"]>(op: K, replace: (operation: Operation<K>) => Plan): (plan: Plan) => Plan {
  const isOne = (plan: Plan): plan is Operation<K> => plan.op === op;
  return (plan) => mapPlan(plan, (operation) => (isOne(operation) ? replace(operation) : operation));
}

function only(input: Plan, ...conditions: readonly Expression[]): Plan {
  return conditions.reduce<Plan>((rows, condition) => ({ op: "filter", input: rows, condition }), input);
}

/** Returns a plan with a column replaced by a value. */
function replaced(input: Plan, name: string, value: Expression): Plan {
  return {
    op: "project",
    input,
    columns: schemaOf(input).map((each) => ({ name: each.name, value: each.name === name ? value : column(each.name) })),
  };
}

/** Returns a plan with a value added as a column. */
function added(input: Plan, name: string, value: Expression): Plan {
  const columns = schemaOf(input).map((each) => ({ name: each.name, value: column(each.name) }));
  return { op: "project", input, columns: [...columns, { name, value }] };
}

/** Returns rows whose columns have the names of others at the same position, or null if these are of another kind. */
function inOrderOf(first: Plan | undefined): (input: Plan) => Plan {
  const names = first === undefined ? [] : schemaOf(first);
  return (input) => {
    const columns = schemaOf(input).flatMap((own, position) => {
      const { name, kind = "string" } = names[position] ?? {};
      if (name === undefined || (kind !== "int64" && kind !== "string")) return [];
      return [{ name, value: own.kind === kind ? column(own.name) : literal(kind, null) }];
    });
    return { op: "project", input, columns };
  };
}

/** Sorts by a flag of the first column before the column itself. */
function sortedByFlag(flag: (value: Expression) => Expression): (plan: Plan) => Plan {
  return every("sort", (sort) => {
    const [first = ""] = sort.by;
    const names = sort.columns ?? schemaOf(sort.input).map(({ name }) => name);
    const isFlagged = schemaOf(sort.input).some(({ name, kind }) => name === first && (kind === "float64" || kind === "string"));
    if (!isFlagged) return sort;
    return { op: "sort", input: added(sort.input, "flag", flag(column(first))), by: ["flag", ...sort.by], columns: names };
  });
}

function isNotNaN(value: Expression): Expression {
  return call("not", call("isNaN", value));
}

function shifted(input: Plan, name: string, microseconds: number): Plan {
  return replaced(input, name, call("addMicroseconds", column(name), literal("int64", String(microseconds))));
}

/** Changes the texts of one kind in tables of constants. */
function texts(kind: string, change: (text: string) => string): (plan: Plan) => Plan {
  return every("values", (values) => {
    const places = new Set(values.columns.flatMap((each, place) => (each.kind === kind ? [place] : [])));
    return {
      ...values,
      rows: values.rows.map((row) => row.map((text, place) => (text !== null && places.has(place) ? change(text) : text))),
    };
  });
}

/** Adds as the hardware does: beyond the greatest int64 comes the least. */
function wrapped(expression: Expression): Expression {
  if (expression.expr !== "call" || expression.function !== "add") return expression;
  const exact = expression.arguments.map((value) => ({ expr: "cast", value, to: { kind: "decimal", precision: 38, scale: 0 } }) as const);
  const [half, all] = [2n ** 63n, 2n ** 64n].map((value) => literal("decimal", String(value)));
  if (half === undefined || all === undefined) return expression;
  const positive = call("add", call("add", call("add", ...exact), half), all);
  return { expr: "cast", value: call("subtract", call("modulo", positive, all), half), to: { kind: "int64" } };
}

/** Gives a row of nulls if integers overflow. */
function nullsForOverflows(inner: Engine): Partial<Engine> {
  return {
    async *run(plan, options) {
      try {
        yield* inner.run(plan, options);
      } catch (error) {
        if (!isMlforgeError(error, "ARITHMETIC_OVERFLOW")) throw error;
        const columns = schemaOf(plan).map((each) => ({ ...each, nullable: true }));
        yield* inner.run({ op: "values", columns, rows: [columns.map(() => null)] }, options);
      }
    },
  };
}

const asOf = "an as-of join of few labels";
const sessions = "a session ends the gap after its last row, and rows within the gap share a session";
const rolling = "rolling aggregates have a row whenever a tile enters or leaves a window, with the values of the windows then";

export const brokenEngines: readonly BrokenEngine[] = [
  {
    mistake: "drops the group whose key is null",
    breaks: "aggregate gives one row for each key, and null is a key",
    plan: every("aggregate", (plan) => ({ ...plan, input: only(plan.input, ...plan.keys.map((key) => call("isNotNull", column(key)))) })),
  },
  {
    mistake: "counts nulls",
    breaks: "count of each group is what plain JavaScript computes",
    plan: (plan) => mapAggregates(plan, (aggregate) => (aggregate.function === "count" ? { function: "count" } : aggregate)),
  },
  {
    mistake: "gives the variance in place of the deviation",
    breaks: "std of each group is what plain JavaScript computes",
    plan: (plan) => mapAggregates(plan, (aggregate) => (aggregate.function === "std" ? { ...aggregate, function: "var" } : aggregate)),
  },
  {
    mistake: "sorts NaN before all numbers",
    breaks: "sort orders numbers ascending, then NaN, then nulls",
    plan: sortedByFlag(isNotNaN),
  },
  {
    mistake: "sorts nulls first",
    breaks: "sort orders strings by their UTF-8 bytes, nulls last",
    plan: sortedByFlag((value) => call("isNotNull", value)),
  },
  {
    mistake: "does not sort",
    breaks: "sort by several columns orders equal rows by the next, and keeps the columns asked for",
    plan: every("sort", ({ input, columns }) => {
      const names = columns ?? schemaOf(input).map(({ name }) => name);
      return { op: "project", input, columns: names.map((name) => ({ name, value: column(name) })) };
    }),
  },
  {
    mistake: "takes a row too many",
    breaks: "limit takes the first rows of a sort",
    plan: every("limit", (plan) => ({ ...plan, count: plan.count + 1 })),
  },
  {
    mistake: "compares NaN as IEEE 754 does",
    breaks: "comparisons order floats with NaN equal to itself and above all others",
    plan: (plan) =>
      mapExpressions(plan, (expression) =>
        expression.expr === "call" && expression.function === "less"
          ? call("and", expression, ...expression.arguments.map(isNotNaN))
          : expression,
      ),
  },
  {
    mistake: "lets integers wrap",
    breaks: "add of integers is exact or an overflow",
    plan: (plan) => mapExpressions(plan, wrapped),
  },
  {
    mistake: "gives null for a sum that overflows",
    breaks: "sum of integers beyond int64 is an overflow",
    methods: nullsForOverflows,
  },
  {
    mistake: "gives the columns in another order",
    breaks: "batches have the columns that describe returns, in their order",
    plan: every("project", (plan) => ({ ...plan, columns: [...plan.columns].reverse() })),
  },
  {
    mistake: "loses rows without a match",
    breaks: "a left join keeps rows without a match",
    plan: every("join", (plan) => ({ ...plan, type: "inner" })),
  },
  {
    mistake: "combines the columns of a union by their position",
    breaks: "union gives all rows of all inputs, and matches columns by name",
    plan: every("union", (plan) => ({ ...plan, inputs: plan.inputs.map(inOrderOf(plan.inputs[0])) })),
  },
  {
    mistake: "makes the rows of a union distinct",
    breaks: "union gives all rows of all inputs, and matches columns by name",
    plan: every("union", (plan) => ({ op: "distinct", input: plan })),
  },
  {
    mistake: "leaves out the last input of a union",
    breaks: "operations above a union see the rows of all its inputs",
    plan: every("union", (plan) => ({ ...plan, inputs: plan.inputs.slice(0, -1) })),
  },
  {
    mistake: "takes a null for no value when it makes rows distinct",
    breaks: "distinct gives each row once, including null and NaN",
    plan: every("distinct", (plan) => only(plan, ...schemaOf(plan.input).map(({ name }) => call("isNotNull", column(name))))),
  },
  {
    mistake: "trims strings",
    breaks: "batches hold string values and nulls exactly",
    plan: texts("string", (text) => text.trim()),
  },
  {
    mistake: "keeps milliseconds only",
    breaks: "batches hold timestamp values and nulls exactly",
    plan: texts("timestamp", (text) => text.replace(/\d{3}Z$/, "000Z")),
  },
  {
    mistake: "numbers rows from 1",
    breaks: "number counts rows from 0 in their order",
    plan: every("numberRows", (plan) => replaced(plan, plan.column, call("add", column(plan.column), literal("int64", "1")))),
  },
  {
    mistake: "puts the inputs of zip in another order",
    breaks: "zip reads the stated columns only, in their order and kinds",
    plan: every("zip", (plan) => ({ ...plan, inputs: [...plan.inputs].reverse() })),
  },
  {
    mistake: "does not report null keys",
    breaks: "key violations of rows in any order are the nulls and the repeated keys",
    plan: every("keyViolations", (plan) => only(plan, call("equal", column("violation"), literal("string", "duplicate")))),
  },
  {
    mistake: "leaves a column out of checksums",
    breaks: "row checksums of string values tell different rows apart, in any order",
    plan: every("rowChecksums", (plan) => ({
      ...plan,
      input: { op: "project", input: plan.input, columns: [...plan.by, "row"].map((name) => ({ name, value: column(name) })) },
    })),
  },
  {
    mistake: "hashes null as the empty string",
    breaks: "surrogateKey gives the published keys",
    plan: (plan) =>
      mapExpressions(plan, (expression) =>
        expression.expr === "literal" && expression.kind === "string" ? { ...expression, value: expression.value ?? "" } : expression,
      ),
  },
  {
    mistake: "sees a microsecond of the future",
    breaks: `${asOf} gives every label once, in order, with the newest row that it may know`,
    plan: every("asOfJoin", (plan) => ({ ...plan, right: shifted(plan.right, plan.timestamps.right, -1) })),
  },
  {
    mistake: "sees a week of the future",
    breaks: `${asOf} does not change if later rows are added`,
    plan: every("asOfJoin", (plan) => ({ ...plan, right: shifted(plan.right, plan.timestamps.right, -604_800_000_000) })),
  },
  {
    mistake: "finds a row that is exactly as old as the ttl",
    breaks: "an as-of join of 3 labels finds a row until it is exactly as old as the ttl",
    plan: every("asOfJoin", (plan) => ({ ...plan, ttl: plan.ttl === undefined ? undefined : String(BigInt(plan.ttl) + 1n) })),
  },
  {
    mistake: "falls back to an older row if the newest has a null",
    breaks: "an as-of join of 300 labels does not fall back to an older row if the newest is null or too old",
    plan: every("asOfJoin", (plan) => ({
      ...plan,
      right: only(plan.right, ...plan.columns.map(({ name }) => call("isNotNull", column(name)))),
    })),
  },
  {
    mistake: "loses the rows at which the last tile leaves a window",
    breaks: rolling,
    plan: every("rollingAggregate", (plan) => {
      const isKept = plan.outputs.map(({ name, function: aggregate }) =>
        aggregate === "count" ? call("greater", column(name), literal("int64", "0")) : call("isNotNull", column(name)),
      );
      return only(plan, call("or", call("isNull", column(plan.timestamp)), ...isKept));
    }),
  },
  {
    mistake: "takes the last value of a window in place of the first",
    breaks: rolling,
    plan: every("rollingAggregate", (plan) => ({
      ...plan,
      outputs: plan.outputs.map((output) => (output.function === "first" ? { ...output, function: "last" } : output)),
    })),
  },
  {
    mistake: "begins a window without a beginning a thousand tiles ago",
    breaks: rolling,
    plan: every("rollingAggregate", (plan) => ({
      ...plan,
      outputs: plan.outputs.map((output) => ({ ...output, window: output.window ?? String(BigInt(output.every) * 1000n) })),
    })),
  },
  {
    mistake: "counts an event on a boundary to the tile before",
    breaks: "rolling aggregates without keys are over all rows, and no rows give none",
    plan: every("rollingAggregate", (plan) => ({ ...plan, input: shifted(plan.input, plan.timestamp, -1) })),
  },
  {
    mistake: "looks one row too far back",
    breaks: "a sequence numbers the rows of each key in their order, and looks back only",
    plan: every("sequence", (plan) => ({
      ...plan,
      outputs: plan.outputs.map((output) => (output.function === "lag" ? { ...output, offset: output.offset + 1 } : output)),
    })),
  },
  {
    mistake: "does not tell keys apart in a sequence",
    breaks: "a sequence numbers the rows of each key in their order, and looks back only",
    plan: every("sequence", (plan) => ({ ...plan, keys: [] })),
  },
  {
    mistake: "numbers rows without a time",
    breaks: "a sequence without keys numbers all rows",
    plan: every("sequence", (plan) =>
      plan.outputs.reduce<Plan>(
        (rows, { name, function: output }) =>
          output === "lag" ? rows : replaced(rows, name, call("coalesce", column(name), literal("int64", "0"))),
        plan,
      ),
    ),
  },
  {
    mistake: "ends a session after a pause of exactly the gap",
    breaks: sessions,
    plan: every("sessions", (plan) => shifted({ ...plan, gap: String(BigInt(plan.gap) - 1n) }, plan.column, 1)),
  },
  {
    mistake: "does not tell keys apart in a session",
    breaks: sessions,
    plan: every("sessions", (plan) => ({ ...plan, keys: [] })),
  },
  {
    mistake: "ends a session at its last row",
    breaks: "sessions without keys group all rows, and a date counts as the start of its day",
    plan: every("sessions", (plan) => shifted(plan, plan.column, -Number(plan.gap))),
  },
  {
    mistake: "ignores signals",
    breaks: "describe and run with an aborted signal reject with its reason",
    methods: (inner) => ({ run: (plan) => inner.run(plan), describe: (plan) => inner.describe(plan) }),
  },
  {
    mistake: "rejects with an error of its own after an abort",
    breaks: "an abort after 5 ms ends a running call with its reason, and the engine goes on",
    methods: (inner) => ({
      async *run(plan, options) {
        try {
          yield* inner.run(plan, options);
        } catch (error) {
          throw options?.signal?.aborted === true ? new Error("the query was interrupted", { cause: error }) : error;
        }
      },
    }),
  },
  {
    mistake: "leaves a part of a file behind",
    breaks: "write of a plan that fails on its way leaves no file",
    methods: (inner) => ({
      write: async (plan, target, options) => {
        try {
          return await inner.write(plan, target, options);
        } catch (error) {
          await writeFile(fileURLToPath(target.url), "PAR1");
          throw error;
        }
      },
    }),
  },
  {
    mistake: "writes no file for no rows",
    breaks: "write of no rows makes a file with the columns",
    methods: (inner) => ({
      write: async (plan, target, options) => {
        const { rows, files } = await inner.write(plan, target, options);
        return { rows, files: rows === 0 ? [] : files };
      },
    }),
  },
  {
    mistake: "computes what it does not claim",
    breaks: "distinct, which is not claimed, is refused with CAPABILITY_MISSING",
    capabilities: { operations: ["values", "filter", "project"] },
  },
  {
    mistake: "declares other capabilities than it has",
    breaks: "has the capabilities that are declared",
    methods: (inner) => ({ capabilities: { ...inner.capabilities, reads: ["file", "s3"] } }),
  },
];
