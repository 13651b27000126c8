import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import {
  type Connector,
  type ConnectorQuery,
  MlforgeError,
  type QueryDescription,
  type ReadRequest,
  type RequestedColumn,
} from "@mlforge/spec";
import type { TestDatabase } from "./runner.js";
import { type TestRow, testColumns } from "./test-rows.js";

/** A database in memory, as a connector sees it. Its language has three queries: `all <table>`, `count <table>`, and `endless`. */
interface MemoryDatabase {
  readonly password: string;
  /** Returns a snapshot of the rows of a table. */
  snapshot(table: string): readonly TestRow[] | undefined;
  /** The running queries. */
  running: number;
}

/** A connector over {@link MemoryDatabase}, in steps that a test can replace one by one. */
export interface MemorySteps {
  /** A field of the file. */
  field(value: string | null): string;
  /** The text of a value in a file of CSV. */
  text(row: TestRow, column: string): string | null;
  /** Chooses the rows to write. */
  written(rows: readonly TestRow[]): readonly TestRow[];
  /** The reported number of rows. */
  told(rows: number): number;
  /** A fingerprint over the lines of the rows. */
  digest(lines: readonly string[]): string;
  /** The rows for the fingerprint, and those for the file. */
  snapshots(take: () => readonly TestRow[]): Promise<readonly [readonly TestRow[], readonly TestRow[]]>;
  problems(declared: readonly RequestedColumn[]): QueryDescription["problems"];
  /** The cause of the error for a refused login. */
  refusal(password: string): Error | undefined;
  /** True if the connector reacts to the signal. */
  readonly listens: boolean;
  /** True if it also reacts while it reads. */
  readonly listensWhileReading: boolean;
  /** True if an aborted query ends in the database too. */
  readonly cancels: boolean;
}

const steps: MemorySteps = {
  field: (value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`),
  text: textOf,
  written: (rows) => rows,
  told: (rows) => rows,
  digest: (lines) =>
    [...lines]
      .map((line) => createHash("sha256").update(line).digest("hex"))
      .sort()
      .join(" "),
  snapshots: async (take) => {
    const rows = take();
    return [rows, rows];
  },
  problems: (declared) =>
    declared.flatMap(({ name, kind }) => {
      const found = testColumns.find((column) => column.name === name);
      if (found === undefined) return [{ column: name, message: `the query has no column "${name}"` }];
      return found.kind === kind ? [] : [{ column: name, message: `column "${name}" is ${found.kind}; declare it so` }];
    }),
  refusal: () => undefined,
  listens: true,
  listensWhileReading: true,
  cancels: true,
};

/** The rows of the endless query, which a connector that ignores an abort reads to the end. */
const endlessRows = 20_000;

/**
 * Creates the reference connector with a database in memory, to compare with and to test the suite itself.
 *
 * @param changed Steps to replace.
 */
export function memoryDatabase(changed: Partial<MemorySteps> = {}): TestDatabase {
  const tables = new Map<string, readonly TestRow[]>();
  const database: MemoryDatabase = { password: "correct-horse", snapshot: (table) => tables.get(table), running: 0 };
  const wrong = "wrong-battery";
  return {
    connector: memoryConnector(database, database.password, { ...steps, ...changed }),
    refused: memoryConnector(database, wrong, { ...steps, ...changed }),
    secrets: [database.password, wrong],
    write: async (table, rows) => void tables.set(table, [...rows]),
    all: (table) => ({ kind: "query", text: `all ${table}` }),
    count: (table) => `count ${table}`,
    endless: { kind: "query", text: "endless" },
    working: async () => database.running,
    [Symbol.asyncDispose]: async () => {},
  };
}

function memoryConnector(database: MemoryDatabase, password: string, step: MemorySteps): Connector {
  const place = "memory://tests";

  /** Runs a query, with what a connector does before and after each call. */
  async function query<T>(source: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (step.listens) signal?.throwIfAborted();
    if (password !== database.password) {
      const message = `source "${source}": the memory refuses the login; check the password`;
      throw new MlforgeError("SOURCE_ACCESS_DENIED", message, { source, place }, { cause: step.refusal(password) });
    }
    database.running++;
    try {
      return await work();
    } catch (error) {
      if (step.listens) signal?.throwIfAborted();
      throw error;
    } finally {
      if (step.cancels || signal?.aborted !== true) database.running--;
    }
  }

  function rowsOf(source: string, asked: ConnectorQuery): readonly TestRow[] {
    const table = asked.kind === "query" ? asked.text.replace(/^(all|count) /, "") : asked.name;
    const rows = database.snapshot(table);
    if (rows !== undefined) return rows;
    throw new MlforgeError("SOURCE_UNREADABLE", `source "${source}": the memory has no table "${table}"`, { source, path: place });
  }

  function check({ source, columns }: ReadRequest): void {
    const problems = step.problems(columns).map(({ message }) => message);
    if (problems.length > 0)
      throw new MlforgeError("SCHEMA_MISMATCH", `source "${source}": ${problems.join("; ")}`, { where: source, problems });
  }

  function fingerprintOf({ source, columns, fingerprint }: ReadRequest, rows: readonly TestRow[]): string {
    if (fingerprint.kind === "query") return `${rowsOf(source, fingerprint).length}`;
    return step.digest(rows.map((row) => lineOf(row, columns)));
  }

  function lineOf(row: TestRow, columns: readonly RequestedColumn[]): string {
    return `${columns.map(({ name }) => step.field(step.text(row, name))).join(",")},"-"\n`;
  }

  return {
    specVersion: 1,
    name: "memory",
    locate: () => place,
    describe: ({ source, query: asked, declared = [] }, { signal } = {}) =>
      query(source, signal, async () => {
        rowsOf(source, asked);
        return { columns: testColumns, unsupported: [], problems: step.problems(declared) };
      }),
    fingerprint: (request, { signal } = {}) =>
      query(request.source, signal, async () => {
        check(request);
        return fingerprintOf(request, rowsOf(request.source, request.query));
      }),
    read: (request, file, { signal, onProgress } = {}) =>
      query(request.source, signal, async () => {
        check(request);
        const { source, columns, query: asked } = request;
        const isEndless = asked.kind === "query" && asked.text === "endless";
        const [hashed, read] = await step.snapshots(() => (isEndless ? [] : rowsOf(source, asked)));
        const fingerprint = fingerprintOf(request, hashed);
        const rows = step.written(read);
        async function* lines(): AsyncGenerator<string> {
          // A last column keeps a record with one null from being an empty line.
          yield `${[...columns.map(({ name }) => name), "end"].map((name) => `"${name}"`).join(",")}\n`;
          for (const row of rows) yield lineOf(row, columns);
          for (let count = 0; isEndless && count < endlessRows; count++) {
            await new Promise(setImmediate);
            yield '"text","-"\n';
            onProgress?.(1);
          }
        }
        const listening = step.listens && step.listensWhileReading;
        await pipeline(lines, createWriteStream(file, { flags: "wx" }), ...(listening && signal !== undefined ? [{ signal }] : []));
        return {
          rows: step.told(rows.length),
          fingerprint,
          format: { kind: "csv" },
          encodings: { timestamp: { kind: "iso" } },
        } as const;
      }),
    [Symbol.asyncDispose]: async () => {},
  };
}

export function textOf(row: TestRow, column: string): string | null {
  const { timestamp, day, raw } = row;
  switch (column) {
    case "timestamp":
      return timestamp === null ? null : isoText(timestamp);
    case "day":
      return day === null ? null : isoText(BigInt(day) * 86_400_000_000n).slice(0, 10);
    case "raw":
      return raw === null ? null : Buffer.from(raw).toString("base64");
    default: {
      const value: unknown = Reflect.get(row, column);
      return value === null ? null : String(value);
    }
  }
}

/** Splits a timestamp into the milliseconds of a Date and the remaining microseconds. */
function isoText(timestamp: bigint): string {
  const micros = ((timestamp % 1000n) + 1000n) % 1000n;
  return new Date(Number((timestamp - micros) / 1000n)).toISOString().replace("Z", `${String(micros).padStart(3, "0")}Z`);
}
