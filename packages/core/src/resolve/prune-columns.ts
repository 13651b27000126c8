import { type AggregateCall, columnsIn, type Plan, type RollingOutput, type Scan, schemaOf, type Values } from "@mlforge/spec";

/**
 * Removes the columns that do not reach the output of a plan.
 *
 * As a result, a column added to a source changes only the features that use it.
 */
export function pruneColumns(plan: Plan): Plan {
  return prune(plan, new Set(namesOf(plan)));
}

function prune(plan: Plan, needed: ReadonlySet<string>): Plan {
  switch (plan.op) {
    case "scan":
      // Without a header, the columns of a CSV file are known by position.
      if (plan.format.kind === "csv" && plan.format.header === false) return plan;
      return pruneScan(plan, needed);
    case "values":
      return pruneValues(plan, needed);
    case "filter":
      return { ...plan, input: prune(plan.input, union(needed, columnsIn(plan.condition))) };
    case "project": {
      const columns = wanted(plan.columns, needed);
      return { ...plan, columns, input: prune(plan.input, new Set(columns.flatMap(({ value }) => columnsIn(value)))) };
    }
    case "aggregate": {
      const aggregates = plan.aggregates.filter(({ name }) => needed.has(name));
      return {
        ...plan,
        aggregates,
        input: prune(
          plan.input,
          union(
            plan.keys,
            aggregates.flatMap(({ value }) => columnsInAggregate(value)),
          ),
        ),
      };
    }
    case "join": {
      const left = namesOf(plan.left).filter((name) => needed.has(name));
      const right = namesOf(plan.right).filter((name) => needed.has(name));
      return {
        ...plan,
        left: prune(
          plan.left,
          union(
            left,
            plan.on.map((pair) => pair.left),
          ),
        ),
        right: prune(
          plan.right,
          union(
            right,
            plan.on.map((pair) => pair.right),
          ),
        ),
      };
    }
    case "union": {
      const kept = plan.columns.filter((name) => needed.has(name));
      const columns = kept.length > 0 ? kept : plan.columns.slice(0, 1);
      return { ...plan, columns, inputs: plan.inputs.map((input) => prune(input, new Set(columns))) };
    }
    case "distinct":
      return { ...plan, input: pruneColumns(plan.input) };
    case "sort":
      return { ...plan, input: prune(plan.input, union(needed, plan.by)) };
    case "limit":
      return { ...plan, input: prune(plan.input, needed) };
    case "rollingAggregate": {
      const outputs = keptOutputs(plan.outputs, needed);
      const columns = outputs.flatMap(({ column, by }) => (by === undefined ? [column] : [column, by]));
      return { ...plan, outputs, input: prune(plan.input, union([...plan.keys, plan.timestamp], columns)) };
    }
    case "sequence": {
      const outputs = plan.outputs.filter(({ name }) => needed.has(name));
      // Every row stays as it is.
      if (outputs.length === 0) return prune(plan.input, needed);
      const read = outputs.flatMap((output) => (output.function === "lag" ? [output.column] : []));
      return { ...plan, outputs, input: prune(plan.input, union([...needed, ...plan.keys, plan.timestamp, ...plan.thenBy], read)) };
    }
    case "sessions": {
      // Every row stays as it is.
      if (!needed.has(plan.column)) return prune(plan.input, needed);
      return { ...plan, input: prune(plan.input, union(needed, [...plan.keys, plan.timestamp])) };
    }
    case "asOfJoin": {
      const columns = plan.columns.filter(({ as }) => needed.has(as));
      const left = union(
        [...needed, plan.timestamps.left],
        plan.on.map((pair) => pair.left),
      );
      // A left join returns each row of the left side once, matched or not.
      if (columns.length === 0) return prune(plan.left, needed);
      const right = [...columns.map(({ name }) => name), plan.timestamps.right, ...plan.on.map((pair) => pair.right)];
      return { ...plan, columns, left: prune(plan.left, left), right: prune(plan.right, new Set(right)) };
    }
    case "numberRows":
    case "zip":
    case "sql":
    case "keyViolations":
    case "rowChecksums":
      return plan;
  }
}

/** Keeps an output of each window, since windows have rows wherever a tile enters or leaves one of them. */
function keptOutputs(outputs: readonly RollingOutput[], needed: ReadonlySet<string>): readonly RollingOutput[] {
  const lengths = ({ every, window }: RollingOutput): string => `${every} ${window}`;
  const kept = new Set(outputs.filter(({ name }) => needed.has(name)).map(lengths));
  return outputs.filter((output) => {
    if (needed.has(output.name)) return true;
    const isNew = !kept.has(lengths(output));
    kept.add(lengths(output));
    return isNew;
  });
}

function pruneScan({ encodings = {}, partitions = [], ...scan }: Scan, needed: ReadonlySet<string>): Scan {
  const columns = scan.columns && wanted(scan.columns, needed);
  const isKept = (name: string): boolean => columns?.some((column) => column.name === name) ?? true;
  const kept = Object.entries(encodings).filter(([name]) => isKept(name));
  const folders = partitions.filter(({ name }) => isKept(name));
  return {
    ...scan,
    columns,
    ...(kept.length === 0 ? {} : { encodings: Object.fromEntries(kept) }),
    ...(folders.length === 0 ? {} : { partitions: folders }),
  };
}

function pruneValues({ columns, rows, ...plan }: Values, needed: ReadonlySet<string>): Values {
  const kept = wanted(columns, needed);
  const places = kept.map((column) => columns.indexOf(column));
  return { ...plan, columns: kept, rows: rows.map((row) => places.map((place) => row[place] ?? null)) };
}

/** Returns the needed columns, or the first column if none is needed, since rows need a column to be counted. */
function wanted<C extends { readonly name: string }>(columns: readonly C[], needed: ReadonlySet<string>): readonly C[] {
  const found = columns.filter(({ name }) => needed.has(name));
  return found.length > 0 ? found : columns.slice(0, 1);
}

function columnsInAggregate({ input, by }: AggregateCall): readonly string[] {
  return [input, by].filter((expression) => expression !== undefined).flatMap(columnsIn);
}

function namesOf(plan: Plan): readonly string[] {
  return schemaOf(plan).map(({ name }) => name);
}

function union(a: Iterable<string>, b: Iterable<string>): ReadonlySet<string> {
  return new Set([...a, ...b]);
}
