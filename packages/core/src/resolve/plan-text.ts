import {
  type NamedColumn,
  type Plan,
  type RollingAggregate,
  rollingCall,
  type Scan,
  type ScanQuery,
  type Sequence,
  type SequenceOutput,
  type TimeEncoding,
  typeText,
  type Union,
} from "@mlforge/spec";
import { durationText } from "../define/duration.js";
import { aggregateText, expressionText, nameText } from "./expression-text.js";

/**
 * Formats a plan for people, with one line for each thing that can change, so that two plans can be compared line by line. Lists what is read first,
 * and the operations below it. Different plans have different texts, apart from whitespace in SQL.
 */
export function planText(plan: Plan): readonly string[] {
  switch (plan.op) {
    case "scan":
      return scanText(plan);
    case "values":
      return ["values", ...indented([...plan.columns.map(columnText), ...plan.rows.map((row) => JSON.stringify(row))])];
    case "filter":
      return [...planText(plan.input), `filter ${expressionText(plan.condition)}`];
    case "project":
      return [
        ...planText(plan.input),
        "select",
        ...indented(plan.columns.map(({ name, value }) => `${nameText(name)}: ${expressionText(value)}`)),
      ];
    case "aggregate":
      return [
        ...planText(plan.input),
        `aggregate by ${namesText(plan.keys)}`,
        ...indented(plan.aggregates.map(({ name, value }) => `${nameText(name)}: ${aggregateText(value)}`)),
      ];
    case "join":
      return [...planText(plan.left), `${plan.type} join on ${onText(plan.on)}`, ...indented(planText(plan.right))];
    case "union":
      return unionText(plan);
    case "distinct":
      return [...planText(plan.input), "distinct"];
    case "sort":
      return [
        ...planText(plan.input),
        `sort by ${namesText(plan.by)}${plan.columns === undefined ? "" : `, keep ${namesText(plan.columns)}`}`,
      ];
    case "limit":
      return [...planText(plan.input), `limit ${plan.count}`];
    case "sql":
      return [
        ...Object.entries(plan.inputs).flatMap(([name, input]) => [`with ${nameText(name)}`, ...indented(planText(input))]),
        plan.volatile === true ? "sql, volatile" : "sql",
        ...indented(textLines(plan.query)),
        ...indented(plan.columns.map(columnText)),
      ];
    case "rollingAggregate":
      return [...planText(plan.input), ...rollUpText(plan)];
    case "sequence":
      return [...planText(plan.input), ...sequenceText(plan)];
    case "sessions":
      return [
        ...planText(plan.input),
        `sessions by ${namesText(plan.keys)} over ${nameText(plan.timestamp)}, at most ${durationText(plan.gap)} between rows`,
        ...indented([`${nameText(plan.column)}: end of the session`]),
      ];
    case "asOfJoin":
      return [
        ...planText(plan.left),
        `as-of join on ${onText(plan.on)}, ${nameText(plan.timestamps.right)} ${plan.allowExactMatches ? "<=" : "<"} ${nameText(plan.timestamps.left)}${plan.ttl === undefined ? "" : `, less than ${durationText(plan.ttl)} old`}`,
        ...indented(plan.columns.map(({ name, as }) => `${nameText(as)}: ${nameText(name)}`)),
        ...indented(planText(plan.right)),
      ];
    case "numberRows":
      return [...planText(plan.input), `number rows as ${nameText(plan.column)}`];
    case "zip":
      return ["side by side", ...indented(plan.inputs.flatMap(planText))];
    case "keyViolations":
      return [...planText(plan.input), `key violations of ${namesText(plan.keys)}`];
    case "rowChecksums":
      return [...planText(plan.input), `row checksums by ${namesText(plan.by)}`];
  }
}

function unionText({ inputs, columns }: Union): readonly string[] {
  const [first = [], ...others] = inputs.map(planText);
  return [...first, `union of ${namesText(columns)} with the rows of`, ...others.flatMap(indented)];
}

function sequenceText({ keys, timestamp, thenBy, outputs }: Sequence): readonly string[] {
  const ties = thenBy.length === 0 ? "" : `, then by ${namesText(thenBy)}`;
  const valueText = (output: SequenceOutput): string =>
    output.function === "rowNumber" ? "row number" : `lag ${output.offset} of ${nameText(output.column)}`;
  return [
    `sequence by ${namesText(keys)} over ${nameText(timestamp)}${ties}`,
    ...indented(outputs.map((output) => `${nameText(output.name)}: ${valueText(output)}`)),
  ];
}

/** Formats the windows of a feature, one per line. */
export function rollUpText({ keys, timestamp, outputs }: Omit<RollingAggregate, "input">): readonly string[] {
  return [
    `rolling by ${namesText(keys)} over ${nameText(timestamp)}`,
    ...indented(
      outputs.map(
        (output) =>
          `${nameText(output.name)}: ${aggregateText(rollingCall(output))} of ${output.window === undefined ? "lifetime" : durationText(output.window)} every ${durationText(output.every)}`,
      ),
    ),
  ];
}

/** Splits a text into lines, without the indentation that all of them share. */
export function textLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  const used = lines.filter((line) => line !== "");
  const margin = Math.min(...used.map((line) => line.length - line.trimStart().length));
  return used.map((line) => line.slice(margin));
}

function scanText({ source, format, paths, query, feature, columns, encodings, partitions = [] }: Scan): readonly string[] {
  const { kind, ...settings } = format;
  const inFolders = new Set(partitions.map(({ name }) => name));
  const options = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [
    `read ${nameText(source)}`,
    ...indented([
      ...paths.map((path) => `from ${path}`),
      ...(feature === undefined ? [] : [`from feature ${nameText(feature)}`]),
      ...(query === undefined ? [`as ${[kind, ...options].join(", ")}`] : queryLines(query)),
      ...(columns ?? partitions).map((column) => `${columnText(column)}${inFolders.has(column.name) ? ", in folder names" : ""}`),
      ...Object.entries(encodings ?? {}).map(([name, encoding]) => `${nameText(name)} written as ${encodingText(encoding)}`),
    ]),
  ];
}

function encodingText(encoding: TimeEncoding): string {
  switch (encoding.kind) {
    case "iso":
      return "ISO 8601";
    case "format":
      return encoding.formats.map((format) => JSON.stringify(format)).join(" or ");
    case "epoch":
      return `${unitNames[encoding.unit]} since 1970-01-01T00:00:00Z`;
  }
}

const unitNames = { s: "seconds", ms: "milliseconds", us: "microseconds", ns: "nanoseconds" } as const;

function queryLines(query: ScanQuery): readonly string[] {
  if (query.kind === "table") return [`from ${query.connector} table ${query.name}`];
  return [`from ${query.connector} query`, ...indented(textLines(query.text))];
}

function columnText({ name, ...type }: NamedColumn): string {
  return `${nameText(name)}: ${typeText(type)}${type.nullable ? "" : ", never null"}`;
}

function onText(on: readonly { readonly left: string; readonly right: string }[]): string {
  return on.map(({ left, right }) => (left === right ? nameText(left) : `${nameText(left)} = ${nameText(right)}`)).join(", ");
}

function namesText(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.map(nameText).join(", ");
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
