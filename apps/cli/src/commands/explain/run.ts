import type { FeatureExplanation, KnownRow, LabelRow, RowExplanation } from "@mlforge/core";
import { escapeControls, MlforgeError, type NamedColumn } from "@mlforge/spec";
import { parseChoice, splitReference } from "../../feature-choice.js";
import { labelsOf, labelTypesOf } from "../../label-flags.js";
import { jsonValue } from "../../row-value.js";
import type { CommandContext } from "../../run-command.js";
import { parseTimestamp } from "./timestamp.js";

export interface ExplainFlags {
  readonly features: readonly string[];
  readonly key?: readonly string[] | undefined;
  readonly at?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly labelTypes?: readonly string[] | undefined;
  readonly row?: number | undefined;
  readonly timestamp?: string | undefined;
  readonly exactMatches: boolean;
}

/** Shows what one label sees of features. The label is given by its keys and timestamp, or is a row of a label file. */
export async function explain(context: CommandContext, flags: ExplainFlags): Promise<0> {
  const { definitions, console, signal } = context;
  const { features, exactMatches: allowExactMatches } = flags;
  const label =
    flags.labels === undefined ? await givenLabel(context, flags) : fileLabel(labelsOf(flags.labels, context.definitions), flags);
  const explanation = await definitions.explainRow({ ...label, features: features.map(parseChoice), allowExactMatches, signal });
  console.print({ document: toDocument(explanation), text: () => toText(explanation) });
  return 0;
}

type Label = Pick<Parameters<CommandContext["definitions"]["explainRow"]>[0], "row" | "labels" | "labelTypes" | "index" | "timestamp">;

function fileLabel(labels: ReturnType<typeof labelsOf>, { row, timestamp, key, at, labelTypes }: ExplainFlags): Label {
  if (key !== undefined || at !== undefined) throw usage("--labels", "pass either --key and --at, or --labels and --row, not both");
  if (row === undefined) throw usage("--row", "--labels needs --row; --row 0 is the first label");
  return { labels, labelTypes: labelTypesOf(labelTypes), index: row, timestamp };
}

async function givenLabel(
  { definitions, signal }: CommandContext,
  { features, key = [], at, row, timestamp: labelTimestamp }: ExplainFlags,
): Promise<Label> {
  if (row !== undefined || labelTimestamp !== undefined) throw usage("--labels", "--row and --timestamp need --labels");
  const columns: NamedColumn[] = [];
  for (const reference of features) {
    const choice = parseChoice(reference);
    const { feature, version, keys = {} } = typeof choice === "string" ? splitReference(choice) : choice;
    const metadata = await definitions.versions.inspect(feature, { version, signal });
    const found = metadata.columns.filter((column) => metadata.keys.includes(column.name));
    columns.push(
      ...found.map((column) => ({ ...column, name: (Object.hasOwn(keys, column.name) ? keys[column.name] : undefined) ?? column.name })),
    );
  }
  const given = new Map<string, LabelRow[string]>();
  for (const pair of key) {
    const [name = "", text] = splitAtFirst(pair, "=");
    if (text === undefined) throw usage("--key", `write a key as name=value, not ${JSON.stringify(pair)}`);
    given.set(
      name,
      keyValue(
        name,
        text,
        columns.find((column) => column.name === name),
      ),
    );
  }
  const values: LabelRow = Object.fromEntries(given);
  if (at === undefined) return { row: values };
  // A key may be named "at", too.
  let timestamp = "at";
  while (given.has(timestamp)) timestamp += "_";
  return { row: { ...values, [timestamp]: givenTimestamp(at, "--at") }, timestamp };
}

function splitAtFirst(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Converts the text of a key to the type that the feature has. @throws USAGE_INVALID */
function keyValue(name: string, text: string, column: NamedColumn | undefined): LabelRow[string] {
  const kind = column?.kind;
  switch (kind) {
    case "int32":
    case "int64":
      if (!/^[+-]?\d+$/.test(text)) throw usage("--key", `the key "${name}" is ${kind}, but ${JSON.stringify(text)} is not a whole number`);
      return BigInt(text);
    case "boolean":
      if (text !== "true" && text !== "false") throw usage("--key", `the key "${name}" must be true or false, not ${JSON.stringify(text)}`);
      return text === "true";
    case "timestamp":
      return givenTimestamp(text, "--key");
    case "bytes":
      if (Buffer.from(text, "base64").toString("base64") !== text)
        throw usage("--key", `the key "${name}" is bytes; write them in base64, such as ${name}=/w==, not ${JSON.stringify(text)}`);
      return new Uint8Array(Buffer.from(text, "base64"));
    case "string":
    case undefined:
      return text;
    default:
      throw usage("--key", `the key "${name}" is ${kind}, which --key cannot give; put the label into a file, and use --labels and --row`);
  }
}

function givenTimestamp(text: string, argument: string): Date {
  const timestamp = parseTimestamp(text);
  if (timestamp !== undefined) return timestamp;
  throw usage(
    argument,
    `${JSON.stringify(text)} is not a time in milliseconds; write it as 2001-03-01T12:00:00Z or 2001-03-01T12:00:00.250Z`,
  );
}

function usage(argument: string, message: string): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError("USAGE_INVALID", message, { argument });
}

function toDocument({ columns: label, row, at, features }: RowExplanation): object {
  return {
    row: printable(row, label),
    at: at ?? null,
    features: features.map(({ keys, columns, newest, later, ...feature }) => ({
      ...feature,
      keys: printable(keys, label),
      newest: newest === undefined ? null : rowDocument(newest, columns),
      later: { count: later.count, first: later.first.map((each) => rowDocument(each, columns)) },
    })),
  };
}

function rowDocument({ knownAt, values }: KnownRow, columns: readonly NamedColumn[]): object {
  return { known_at: knownAt ?? null, values: printable(values, columns) };
}

/** Converts values by name to JSON. */
function printable(values: Readonly<Record<string, unknown>>, columns: readonly NamedColumn[]): Readonly<Record<string, unknown>> {
  const shown = columns.filter(({ name }) => Object.hasOwn(values, name));
  return Object.fromEntries(shown.map((column) => [column.name, jsonValue(values[column.name], column)]));
}

function toText({ columns, at, features }: RowExplanation): string {
  const head = at === undefined ? "Label time: none" : `Label time: ${at}`;
  return [head, ...features.map((feature) => featureText(feature, columns))].join("\n\n");
}

const outcomes: Readonly<Record<FeatureExplanation["outcome"], string>> = {
  found: "known",
  no_rows: "no value: no rows have these keys",
  too_late: "no value: all rows with these keys became known later",
  too_old: "no value: the newest row is older than the ttl",
  null_key: "no value: the label has a null key",
  null_timestamp: "no value: the label has a null timestamp",
};

function featureText(
  { feature, version, inputs, keys, columns, outcome, newest, earlier, later }: FeatureExplanation,
  label: readonly NamedColumn[],
): string {
  const pairs = Object.entries(printable(keys, label)).map(([name, value]) => escapeControls(`${name}=${String(value)}`));
  const lines = [`${feature} ${version} (${pairs.join(", ")}): ${outcomes[outcome]}`];
  if (inputs.length > 0) lines.push(`  computed from ${inputs.map((input) => `${input.feature} ${input.version}`).join(", ")}`);
  if (newest !== undefined) {
    const before = `after ${earlier} earlier ${earlier === 1 ? "row" : "rows"}`;
    lines.push(newest.knownAt === undefined ? "  no timestamp" : `  known since ${newest.knownAt}, ${before}`);
    for (const [name, value] of Object.entries(printable(newest.values, columns)))
      lines.push(`    ${escapeControls(`${name} = ${String(value)}`)}`);
  }
  if (later.count > 0) {
    const first = later.first.map(({ knownAt }) => knownAt).join(", ");
    lines.push(`  too late: ${later.count} ${later.count === 1 ? "row" : "rows"}, first ${first}`);
  }
  return lines.join("\n");
}
