import { type RollingAggregate, type RollingOutput, rollingCall, type Schema, schemaOf, typeOfAggregate } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import type { DefinitionIssues } from "../define/definition-issues.js";
import { parseDuration } from "../define/duration.js";
import { type NamedAggregation, namedAggregations, type RollingInput } from "../define/rolling.js";
import { unknownColumn } from "../define/unknown-column.js";
import { parseWindow } from "../define/window-length.js";

/** The rows of a feature before the windows are applied. */
interface RolledRows {
  readonly feature: AnyFeature;
  readonly keys: readonly string[];
  readonly timestamp: string | undefined;
  readonly schema: Schema;
}

/** Returns the rolling aggregates of a feature, without their input. If there are problems, adds them to `issues` and returns undefined. */
export function rollUp(rolling: RollingInput, rows: RolledRows, issues: DefinitionIssues): Omit<RollingAggregate, "input"> | undefined {
  const at = `${rows.feature.name}.rolling`;
  const specs: readonly unknown[] = Array.isArray(rolling) ? rolling : [rolling];
  const outputs = specs.flatMap((spec, index) => outputsOf(spec, Array.isArray(rolling) ? `${at}[${index}]` : at, rows, issues));
  if (specs.length === 0) issues.add(at, "expected at least one rolling aggregate; remove rolling if there are none");
  const names = outputs.map(({ name }) => name);
  const taken = new Set([...rows.keys, rows.timestamp]);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index || taken.has(name)) issues.add(at, `it produces two columns named "${name}"`);
  }
  if (rows.timestamp === undefined) {
    issues.add(at, "windows need a timestamp; declare one on the source or the feature");
    return undefined;
  }
  return issues.any ? undefined : { op: "rollingAggregate", keys: rows.keys, timestamp: rows.timestamp, outputs };
}

/** Returns the columns that rolling aggregates produce from rows. */
export function rolledSchema(
  rolling: Omit<RollingAggregate, "input">,
  { feature, schema }: Pick<RolledRows, "feature" | "schema">,
): Schema {
  return schemaOf({ ...rolling, input: { op: "scan", source: feature.name, format: { kind: "parquet" }, paths: [], columns: schema } });
}

function outputsOf(spec: unknown, at: string, rows: RolledRows, issues: DefinitionIssues): readonly RollingOutput[] {
  const { every, windows, aggregations } = propertiesOf(spec);
  const step = issues.collect(`${at}.every`, () => parseDuration(every));
  const lengths = windowsOf(windows, step, every, at, issues);
  if (typeof aggregations !== "object" || aggregations === null || Object.keys(aggregations).length === 0) {
    issues.add(`${at}.aggregations`, 'expected at least one column, such as { delay: ["mean"] }');
    return [];
  }
  return Object.entries(aggregations).flatMap(([column, given]: [string, unknown]) => {
    const functions = functionsOf(given, column, `${at}.aggregations.${column}`, rows, issues);
    return functions.flatMap((aggregate) =>
      lengths.map(({ text, length }) => ({
        name: `${rows.feature.name}__${column}__${aggregate.function}__${String(every)}__${text}`,
        column,
        ...aggregate,
        every: String(step),
        ...(length === undefined ? {} : { window: String(length) }),
      })),
    );
  });
}

/** Definitions can be unchecked JavaScript. */
function propertiesOf(spec: unknown): { readonly every?: unknown; readonly windows?: unknown; readonly aggregations?: unknown } {
  return typeof spec === "object" && spec !== null ? spec : {};
}

function windowsOf(
  windows: unknown,
  step: bigint | undefined,
  every: unknown,
  at: string,
  issues: DefinitionIssues,
): readonly { readonly text: string; readonly length: bigint | undefined }[] {
  if (!Array.isArray(windows) || windows.length === 0) {
    issues.add(`${at}.windows`, 'expected at least one window, such as "7d"');
    return [];
  }
  return windows.flatMap((window: unknown, index) => {
    const path = `${at}.windows[${index}]`;
    if (step === undefined) {
      if (window !== "lifetime") issues.collect(path, () => parseDuration(window));
      return [];
    }
    const parsed = issues.collect(path, () => ({ text: String(window), length: parseWindow(window, step, every) }));
    return parsed === undefined ? [] : [parsed];
  });
}

function functionsOf(
  given: unknown,
  column: string,
  at: string,
  { schema, timestamp }: RolledRows,
  issues: DefinitionIssues,
): readonly Pick<RollingOutput, "function" | "by">[] {
  if (!schema.some(({ name }) => name === column)) {
    const names = schema.map(({ name }) => name);
    issues.add(at, unknownColumn(column, names, "the rows of the feature"));
    return [];
  }
  if (!Array.isArray(given) || given.length === 0) {
    issues.add(at, `expected at least one aggregation; known aggregations: ${namedAggregations.join(", ")}`);
    return [];
  }
  return given.flatMap((candidate: unknown) => {
    const name = namedAggregations.find((each) => each === candidate);
    if (name === undefined) {
      issues.add(at, `unknown aggregation ${JSON.stringify(candidate)}; known aggregations: ${namedAggregations.join(", ")}`);
      return [];
    }
    const by = isByTime(name) ? timestamp : undefined;
    // Without a timestamp, there is an issue already.
    if (isByTime(name) && by === undefined) return [];
    const aggregate = { function: name, ...(by === undefined ? {} : { by }) };
    const type = issues.collect(at, () => typeOfAggregate(rollingCall({ ...aggregate, column, name, every: "1" }), schema));
    return type === undefined ? [] : [aggregate];
  });
}

function isByTime(name: NamedAggregation): boolean {
  return name === "first" || name === "last";
}
