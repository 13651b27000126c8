import type { Connector, ConnectorQuery, Engine } from "@mlforge/spec";
import type { Runner } from "../store/runner.js";
import type { TestRow } from "./test-rows.js";

export interface ConnectorTestContext {
  /** Reads what the connector writes, for example `new DuckDBEngine()`. The suite does not dispose of it. */
  readonly engine: Engine;
  /** Opens a database for one test. The suite disposes of it. */
  open(): Promise<TestDatabase>;
}

/** A database of the service that a connector reads, with what the suite does there itself. */
export interface TestDatabase extends AsyncDisposable {
  readonly connector: Connector;
  /** A connector for the same place whose password the service refuses. */
  readonly refused: Connector;
  /** The passwords and connection strings of both. None of them may appear anywhere. */
  readonly secrets: readonly string[];
  /**
   * Makes a table that has exactly these rows, in one atomic step if there is one of that name. Its columns have the types of the service that fit
   * `testColumns`.
   */
  write(table: string, rows: readonly TestRow[]): Promise<void>;
  /** A query that gives all columns and rows of a table. */
  all(table: string): ConnectorQuery;
  /** A query, in the service's language, that gives the number of rows of a table. */
  count(table: string): string;
  /** A query with one text column `text` that sends rows at once and never ends. */
  readonly endless: ConnectorQuery;
  /** How many queries of the connector the service is working on. */
  working(): Promise<number>;
}

/** Makes one test of the suite: `law` is its name, and `body` gets a database of its own and an empty folder. */
export type ConnectorLaw = (law: string, body: (database: TestDatabase, tools: ConnectorTools) => Promise<void>) => void;

export interface ConnectorTools {
  readonly engine: Engine;
  /** The path of a file that does not exist, another one with each call. */
  file(): string;
}

export type { Runner };
