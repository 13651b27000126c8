import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import {
  type Connector,
  type ConnectorOptions,
  type DescribeRequest,
  MlforgeError,
  type QueryDescription,
  type QueryRows,
  type ReadRequest,
  type ReadRowsOptions,
  type RequestedColumn,
  type SourceFormat,
  suggest,
  type TimeEncoding,
} from "@mlforge/spec";
import type pg from "pg";
import { to } from "pg-copy-streams";
import type { Login } from "./login.js";
import { kindOf, render } from "./pg-kind.js";
import { columnsOf, oneStatement, type PgColumn } from "./pg-type.js";
import { checksumText, copyText, fromItem, withoutSemicolon } from "./select.js";
import { inSnapshot } from "./session.js";

/** The maximum number of rows of a fingerprint query. */
const fingerprintRows = 1000;

/** The format that COPY writes. */
const copiedFormat: SourceFormat = {
  kind: "csv",
  delimiter: ",",
  quote: '"',
  escape: '"',
  header: true,
  encoding: "utf-8",
  compression: "none",
};

/** Reads queries from PostgreSQL 12 and newer with COPY. Connects for each call and keeps no connection open. */
export class PostgresConnector implements Connector {
  readonly specVersion = 1;
  readonly name = "postgres";
  readonly #place: Login;

  constructor(place: Login) {
    this.#place = place;
  }

  locate(): string {
    return this.#place.locate();
  }

  describe({ source, query, declared = [] }: DescribeRequest, { signal }: ConnectorOptions = {}): Promise<QueryDescription> {
    return inSnapshot(this.#place, source, signal, async (client) => {
      const found = await columnsOf(client, fromItem(query));
      expectDistinct(found, source, this.locate());
      const kinds = found.map(({ name, type }) => ({ name, type, kind: kindOf(type) }));
      return {
        columns: kinds.flatMap(({ name, kind }) => ("advice" in kind ? [] : [{ name, ...kind, nullable: true }])),
        unsupported: kinds.flatMap(({ name, type, kind }) => ("advice" in kind ? [{ name, type: type.shown, advice: kind.advice }] : [])),
        problems: problemsOf(declared, found),
      };
    });
  }

  fingerprint(request: ReadRequest, { signal }: ConnectorOptions = {}): Promise<string> {
    return inSnapshot(this.#place, request.source, signal, async (client) =>
      this.#fingerprint(client, request, await this.#columns(client, request)),
    );
  }

  read(request: ReadRequest, file: string, { signal, onProgress }: ReadRowsOptions = {}): Promise<QueryRows> {
    return inSnapshot(this.#place, request.source, signal, async (client) => {
      const found = await this.#columns(client, request);
      const fingerprint = await this.#fingerprint(client, request, found);
      const rows = client.query(to(copyText(request, found)));
      await pipeline(rows, counted(onProgress), createWriteStream(file, { flags: "wx", mode: 0o600 }));
      // The server reports the number of rows after the last row.
      if (!Number.isSafeInteger(rows.rowCount)) throw new TypeError("the server ended the rows without their number");
      return { rows: rows.rowCount, fingerprint, format: copiedFormat, encodings: encodingsOf(request.columns, found) };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Returns the current columns of the query and checks them again, because they can have changed since they were described. */
  async #columns(client: pg.Client, { source, query, columns }: ReadRequest): Promise<readonly PgColumn[]> {
    const found = await columnsOf(client, fromItem(query));
    expectDistinct(found, source, this.locate());
    const problems = problemsOf(columns, found).map(({ message }) => message);
    if (problems.length === 0) return found;
    const message = `source "${source}": ${problems.join("; ")}`;
    throw new MlforgeError("SCHEMA_MISMATCH", message, { where: `source "${source}"`, problems });
  }

  async #fingerprint(client: pg.Client, request: ReadRequest, found: readonly PgColumn[]): Promise<string> {
    const { source, fingerprint } = request;
    if (fingerprint.kind === "rows") return JSON.stringify(await rowsOf(client, checksumText(request, found)));
    const rows = await rowsOf(
      client,
      `SELECT * FROM (${withoutSemicolon(fingerprint.text)}\n) AS fingerprint LIMIT ${fingerprintRows + 1}`,
    );
    if (rows.length > 0 && rows.length <= fingerprintRows) return JSON.stringify(rows);
    const given = rows.length === 0 ? "no row" : `more than ${fingerprintRows} rows`;
    const message = `source "${source}": its fingerprint query returned ${given}; write one that summarizes the rows, such as select count(*), max(updated_at) from ...`;
    throw new MlforgeError("SOURCE_UNREADABLE", message, { source, path: this.locate() });
  }
}

/** Returns the rows of a query, with values as the server prints them. */
async function rowsOf(client: pg.Client, text: string): Promise<readonly unknown[]> {
  const types = { getTypeParser: () => (value: unknown) => value };
  const { rows } = await client.query<unknown[]>({ ...oneStatement(text), types });
  return rows;
}

/** Refuses queries that return two columns with the same name, as joins and expressions can. */
function expectDistinct(found: readonly PgColumn[], source: string, path: string): void {
  const names = found.map(({ name }) => name);
  const shared = [...new Set(names.filter((name, place) => names.indexOf(name) < place))];
  if (shared.length === 0) return;
  const message = `source "${source}": its query has several columns named ${shared.map((name) => `"${name}"`).join(", ")}; name them apart with AS`;
  throw new MlforgeError("SOURCE_UNREADABLE", message, { source, path });
}

function problemsOf(wanted: readonly RequestedColumn[], found: readonly PgColumn[]): QueryDescription["problems"] {
  const names = found.map(({ name }) => name);
  return wanted.flatMap((column) => {
    const other = found.find(({ name }) => name === column.name);
    if (other === undefined) return [{ column: column.name, message: missing(column.name, names) }];
    const rendering = render("", other.type, column);
    return "problem" in rendering ? [{ column: column.name, message: `column "${column.name}" ${rendering.problem}` }] : [];
  });
}

function missing(name: string, names: readonly string[]): string {
  return `the query has no column "${name}"; ${suggest(name, names, `it has ${names.join(", ") || "none"}`)}`;
}

function encodingsOf(columns: readonly RequestedColumn[], found: readonly PgColumn[]): Readonly<Record<string, TimeEncoding>> {
  return Object.fromEntries(
    columns.flatMap((column) => {
      const other = found.find(({ name }) => name === column.name);
      const rendering = other === undefined ? undefined : render("", other.type, column);
      return rendering === undefined || "problem" in rendering || rendering.encoding === undefined
        ? []
        : [[column.name, rendering.encoding]];
    }),
  );
}

function counted(onProgress: ((bytes: number) => void) | undefined): (parts: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* (parts) {
    let bytes = 0;
    for await (const part of parts) {
      yield part;
      bytes += part.length;
      onProgress?.(bytes);
    }
  };
}
