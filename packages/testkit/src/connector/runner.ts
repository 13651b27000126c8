import type { Connector, ConnectorQuery, Engine } from "@mlforge/spec";
import type { Runner } from "../store/runner.js";
import type { TestRow } from "./test-rows.js";

export interface ConnectorTestContext {
  /** Reads what the connector writes, for example `new DuckDBEngine()`. The suite does not dispose of it. */
  readonly engine: Engine;
  /** Opens a database for one test. The suite disposes of it. */
  open(): Promise<TestDatabase>;
}

/** A database that a connector reads, with the operations that the suite needs. */
export interface TestDatabase extends AsyncDisposable {
  readonly connector: Connector;
  /** A connector for the same database whose password the service refuses. */
  readonly refused: Connector;
  /** The passwords and connection strings of both. They must not appear anywhere. */
  readonly secrets: readonly string[];
  /**
   * Creates a table with exactly these rows. Replaces an existing table in one atomic step. Its columns have the types of the service that fit
   * `testColumns`.
   */
  write(table: string, rows: readonly TestRow[]): Promise<void>;
  /** Returns a query for all columns and rows of a table. */
  all(table: string): ConnectorQuery;
  /** Returns a query, in the service's language, for the number of rows of a table. */
  count(table: string): string;
  /** A query with one string column `text` that sends rows at once and never ends. */
  readonly endless: ConnectorQuery;
  /** Returns the number of the connector's queries that the service is running. */
  working(): Promise<number>;
}

/** Creates one test of the suite: `law` is its name, and `body` gets its own database and an empty folder. */
export type ConnectorLaw = (law: string, body: (database: TestDatabase, tools: ConnectorTools) => Promise<void>) => void;

export interface ConnectorTools {
  readonly engine: Engine;
  /** Returns the path of a file that does not exist, a new one with each call. */
  file(): string;
}

export type { Runner };
