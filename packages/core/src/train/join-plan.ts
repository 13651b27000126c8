import {
  column,
  type Expression,
  findColumn,
  type NamedColumn,
  type Plan,
  type ScalarKind,
  type Schema,
  type Store,
  schemaOf,
} from "@mlforge/spec";
import { parseDuration } from "../define/duration.js";
import { freshName } from "../define/fresh-name.js";
import { versionScan } from "../read/version-scan.js";
import type { ChosenFeature } from "./chosen-feature.js";
import { isFloatKey, wholeNumber } from "./float-keys.js";

/** Labels with a number for each row, and the names of the columns for the number and the timestamp. */
export interface NumberedLabels {
  readonly plan: Plan;
  readonly row: string;
  readonly timestamp: string | undefined;
}

export interface JoinOptions {
  readonly store: Store;
  readonly allowExactMatches: boolean;
  /** The label columns to keep. */
  readonly keep: readonly string[];
}

/**
 * Returns a plan that adds the columns of one feature to labels, in the order of the labels. A feature with a timestamp is joined as of the timestamp
 * of the label, others only by key.
 */
export function joinPlan(labels: NumberedLabels, { metadata, columns, ttl, keyColumns }: ChosenFeature, options: JoinOptions): Plan {
  const known = labels.timestamp === undefined ? undefined : metadata.timestamp;
  const taken = [...schemaOf(labels.plan).map(({ name }) => name), ...columns.map(({ as }) => as)];
  const added: Added[] = [];
  /** Adds a label column in the form in which it is compared with the feature, and returns its name. */
  const comparable = (name: string, convert: (found: NamedColumn) => Expression): string => {
    const value = convert(findColumn(name, schemaOf(labels.plan)));
    if (value.expr === "column") return name;
    const fresh = freshName(taken);
    taken.push(fresh);
    added.push({ name: fresh, value });
    return fresh;
  };
  const on = keyColumns.map(({ key, label }) => {
    const keyColumn = findColumn(key, metadata.columns);
    const left = comparable(label, (found) => (isFloatKey(found, keyColumn) ? wholeNumber(label) : keyValue(found)));
    // A value of the feature can be renamed to the name of its key, if the label column has another name.
    const right = label === key ? key : freshName(taken);
    taken.push(right);
    return { left, right, key };
  });
  const pairs = on.map(({ left, right }) => ({ left, right }));
  const at = labels.timestamp === undefined ? undefined : comparable(labels.timestamp, timestampValue);
  const rows = added.length === 0 ? labels.plan : projected(labels.plan, [...referencesTo(schemaOf(labels.plan)), ...added]);
  const values: Added[] = [
    ...on.map(({ key, right: name }) => ({ name, value: keyValue(findColumn(key, metadata.columns)) })),
    ...columns.map(({ name, as }) => ({ name: as, value: column(name) })),
  ];
  const scan = versionScan(options.store, metadata, [
    ...metadata.keys,
    ...columns.map(({ name }) => name),
    ...(known === undefined ? [] : [known]),
  ]);
  const joined = (): Plan => {
    if (known === undefined || at === undefined) return { op: "join", left: rows, right: projected(scan, values), on: pairs, type: "left" };
    const knownAs = freshName(taken);
    return {
      op: "asOfJoin",
      left: rows,
      right: projected(scan, [...values, { name: knownAs, value: timestampValue(findColumn(known, metadata.columns)) }]),
      on: pairs,
      timestamps: { left: at, right: knownAs },
      allowExactMatches: options.allowExactMatches,
      ...(ttl === undefined ? {} : { ttl: String(parseDuration(ttl)) }),
      columns: columns.map(({ as }) => ({ name: as, as })),
    };
  };
  return { op: "sort", input: joined(), by: [labels.row], columns: [...options.keep, ...columns.map(({ as }) => as)] };
}

interface Added {
  readonly name: string;
  readonly value: Expression;
}

function projected(input: Plan, columns: readonly Added[]): Plan {
  return { op: "project", input, columns };
}

function referencesTo(schema: Schema): readonly Added[] {
  return schema.map(({ name }) => ({ name, value: column(name) }));
}

/** Integers of both widths are compared as int64. */
function keyValue(key: NamedColumn): Expression {
  return key.kind === "int32" ? converted(key, "int64") : column(key.name);
}

/** Converts dates to timestamps at midnight. */
function timestampValue(time: NamedColumn): Expression {
  return converted(time, "timestamp");
}

function converted({ name, kind }: NamedColumn, to: ScalarKind): Expression {
  const value = column(name);
  return kind === to ? value : { expr: "cast", value, to: { kind: to } };
}
