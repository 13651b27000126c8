import {
  column,
  type Expression,
  findColumn,
  literal,
  type Plan,
  type Project,
  type RollingOutput,
  rollingFunctions,
  type Schema,
} from "@mlforge/spec";
import { type NamedAggregate, plainCall, renamed } from "./aggregates-of.js";
import { definitionInvalid } from "./definition-issues.js";
import { parseDuration } from "./duration.js";
import { freshName } from "./fresh-name.js";
import type { CalledAggregate } from "./typed.js";
import { parseWindow } from "./window-length.js";

/** The options as the caller passed them, unchecked. */
export interface RollingGiven {
  readonly keys?: unknown;
  readonly every?: unknown;
  readonly windows?: unknown;
  readonly timestamp?: unknown;
}

/** Returns the plan of windows over rows, with the columns `<name>_<window>` of the given values. @throws DEFINITION_INVALID, COLUMN_UNKNOWN */
export function rollingPlan(
  input: Plan,
  schema: Schema,
  given: RollingGiven,
  defaultTimestamp: string | undefined,
  values: readonly NamedAggregate[],
): { readonly plan: Plan; readonly keys: readonly string[]; readonly timestamp: string } {
  const keys = namesIn(given.keys);
  const timestamp = given.timestamp ?? defaultTimestamp;
  if (typeof timestamp !== "string")
    throw definitionInvalid("rolling", 'rolling needs a timestamp; keep the timestamp of the source, or name the column: timestamp: "at"');
  for (const name of [...keys, timestamp]) findColumn(name, schema, "the rows given to rolling");
  const step = parseDuration(given.every);
  const lengths = namesIn(given.windows, "windows").map((text) => ({ text, length: parseWindow(text, step, given.every) }));
  if (lengths.length === 0) throw definitionInvalid("rolling", 'rolling needs at least one window, such as windows: ["7d"]');

  const computed = new Map<string, { readonly name: string; readonly value: Expression }>();
  const taken = schema.map(({ name }) => name);
  const columnOf = (value: Expression): string => {
    if (value.expr === "column") return value.name;
    const text = JSON.stringify(value);
    const known = computed.get(text) ?? { value, name: freshName([...taken, ...[...computed.values()].map(({ name }) => name)], "value") };
    computed.set(text, known);
    return known.name;
  };
  const outputsOf = ({ aggregate }: CalledAggregate, name: string): readonly RollingOutput[] =>
    lengths.map(({ text, length }) => {
      const { function: called, input: value = literal("boolean", "true"), by, ...options } = aggregate;
      const found = rollingFunctions.find((each) => each === called);
      if (found === undefined) throw definitionInvalid("rolling", `windows cannot have the aggregate ${called}`);
      return {
        name: `${name}_${text}`,
        column: columnOf(value),
        function: found,
        ...(by === undefined ? {} : { by: columnOf(by) }),
        ...options,
        every: String(step),
        ...(length === undefined ? {} : { window: String(length) }),
      };
    });

  const plain = values.map((value) => ({ value, call: plainCall(value) }));
  const isPlain = plain.every(({ call }) => call !== undefined);
  const outputs: RollingOutput[] = [];
  const names = new Map<string, string>();
  if (isPlain) for (const { value, call } of plain) outputs.push(...(call === undefined ? [] : outputsOf(call, value.name)));
  else {
    for (const call of values.flatMap(({ calls }) => calls)) {
      if (names.has(call.name)) continue;
      const name = freshName([...keys, timestamp, ...values.map((value) => value.name), ...names.values()], "aggregate");
      names.set(call.name, name);
      outputs.push(...outputsOf(call, name));
    }
  }
  const columns = [...taken.map((name) => ({ name, value: column(name) })), ...computed.values()];
  const rows: Plan = computed.size === 0 ? input : { op: "project", input, columns };
  const rolled: Plan = { op: "rollingAggregate", input: rows, keys, timestamp, outputs };
  const result: Project["columns"] = [
    ...[...keys, timestamp].map((name) => ({ name, value: column(name) })),
    ...values.flatMap(({ name, expression }) =>
      lengths.map(({ text }) => ({ name: `${name}_${text}`, value: renamed(expression, (each) => `${names.get(each) ?? each}_${text}`) })),
    ),
  ];
  return { plan: isPlain ? rolled : { op: "project", input: rolled, columns: result }, keys, timestamp };
}

function namesIn(given: unknown, option = "keys"): readonly string[] {
  const names: readonly unknown[] = Array.isArray(given) ? given : [undefined];
  return names.map((name) => {
    if (typeof name === "string") return name;
    throw definitionInvalid("rolling", `rolling needs ${option} as an array of strings`);
  });
}
