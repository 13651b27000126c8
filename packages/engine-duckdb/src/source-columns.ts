import type { Scan } from "@mlforge/spec";
import { duckdb, type Kind } from "@mlforge/sql";
import { columnKind } from "./column-kind.js";
import { describeRelation } from "./describe-relation.js";
import type { Session } from "./session.js";

/** A column of a file: what holds it, or nothing where its type has no kind. */
export interface SourceColumn {
  readonly name: string;
  /** DuckDB's own name of the type. */
  readonly type: string;
  readonly kind: Kind | undefined;
}

/** The columns of the one file of a scan, whatever the scan declares and its folders are called. Text is examined for times only where it declares nothing. */
export async function sourceColumns(scan: Scan, session: Session): Promise<readonly SourceColumn[]> {
  const columns = await describeRelation(duckdb.source({ ...scan, columns: undefined, partitions: undefined }), session);
  const found = columns.map(({ name, type }) => ({ name, type, kind: isText(type) ? ({ kind: "string" } as const) : columnKind(type) }));
  if (scan.columns !== undefined) return found;
  const texts = found.filter(({ kind }) => kind?.kind === "string").map(({ name }) => name);
  const text = columns.map(({ name }) => ({ name, kind: "string", nullable: true }) as const);
  const times = await temporalColumns({ ...scan, columns: text, partitions: undefined }, texts, session);
  return found.map((column) => {
    const kind = times.get(column.name);
    return kind === undefined ? column : { ...column, kind: { kind } };
  });
}

/** DuckDB finds dates in whatever order of day and month and UUIDs in NDJSON; all of them are text here until they prove to be ISO. */
function isText(type: string): boolean {
  return ["VARCHAR", "DATE", "TIME", "TIMESTAMP", "UUID"].includes(type);
}

const sampleRows = 20_480;
const date = "\\d{4}-\\d\\d-\\d\\d";
const timestamp = `${date}[ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?(Z|[+-]\\d\\d(:?\\d\\d)?)?`;

/** Which columns of text hold nothing but ISO 8601 dates or timestamps in the first rows. */
async function temporalColumns(scan: Scan, names: readonly string[], session: Session): Promise<ReadonlyMap<string, "date" | "timestamp">> {
  if (names.length === 0) return new Map();
  const tests = names.flatMap((name) =>
    [date, timestamp].map(
      (pattern) => `bool_and(regexp_full_match(${duckdb.identifier(name)}, ${duckdb.literal(pattern, { kind: "string" })}))`,
    ),
  );
  const reader = await session.run((connection) =>
    connection.runAndReadAll(`SELECT ${tests.join(", ")} FROM (${duckdb.source(scan)} LIMIT ${sampleRows}) AS t`),
  );
  const [row = []] = reader.getRowsJson();
  const times = new Map<string, "date" | "timestamp">();
  for (const [index, name] of names.entries()) {
    if (row[index * 2] === true) times.set(name, "date");
    else if (row[index * 2 + 1] === true) times.set(name, "timestamp");
  }
  return times;
}
