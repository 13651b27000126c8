import { duckdb, inexactValue, isParquetScan, parquetReader } from "@mlforge/sql";
import type { SourceFile } from "./engine-error.js";
import type { Session } from "./session.js";
import { writtenAs } from "./written-as.js";

/** For each column of a Parquet file, one of the values that its kind does not hold. */
export async function wrongParquetValues({ scan, path }: SourceFile, session: Session): Promise<readonly string[]> {
  const checks = parquetChecks(scan);
  const [part] = isParquetScan(scan) ? scan.parts : [];
  if (part === undefined || checks.length === 0) return [];
  const examples = checks.map(({ value, condition }) => `any_value(${value}) FILTER (WHERE ${condition})`);
  const select = `SELECT ${examples.join(", ")} FROM ${parquetReader({ ...scan, partitions: undefined }, part)}`;
  const reader = await session.run((connection) => connection.runAndReadAll(select));
  const found = reader.getRowsJson()[0] ?? [];
  return checks.flatMap(({ name, isText, why }, index) => {
    const value = found[index];
    if (typeof value !== "string") return [];
    const shown = value.slice(0, 100);
    return [`column "${name}" holds ${isText ? JSON.stringify(shown) : shown} in ${path}, ${why}`];
  });
}

/** A value that may be wrong. */
interface Check {
  readonly name: string;
  /** SQL of the value as text, and of whether it is wrong. */
  readonly value: string;
  readonly condition: string;
  readonly isText: boolean;
  readonly why: string;
}

/** The columns of a Parquet file whose values are converted in a way that may fail. */
export function parquetChecks(scan: SourceFile["scan"]): readonly Check[] {
  const { columns = [], encodings = {} } = scan;
  const [part] = isParquetScan(scan) ? scan.parts : [];
  return columns.flatMap((column): readonly Check[] => {
    const { name, kind } = column;
    const type = part?.types.get(name);
    if (type === undefined) return [];
    const identifier = duckdb.identifier(name);
    const value = `CAST(${identifier} AS VARCHAR)`;
    const encoding = Object.hasOwn(encodings, name) ? encodings[name] : undefined;
    if (encoding !== undefined) {
      if (type.startsWith("TIMESTAMP")) return [];
      const condition = `trim(${value}) <> '' AND ${duckdb.timeOrNull(value, encoding)} IS NULL`;
      return [{ name, value, condition, isText: true, why: `which is no ${kind}${writtenAs(encoding)}` }];
    }
    const condition = inexactValue(identifier, type, column);
    const advice = kind === "timestamp" ? 'declare t.timestamp({ unit: "ns" }) to cut it off' : "declare a kind that holds it";
    return condition === undefined
      ? []
      : [{ name, value, condition, isText: false, why: `which ${kind} does not hold exactly; ${advice}` }];
  });
}
