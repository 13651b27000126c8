import type { ConnectionOptions } from "node:tls";

/**
 * How to log in. Without options, `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD` and `PGDATABASE` decide, as for `psql`.
 *
 * Reads variables and connects only when rows are needed, so definitions load without the variables.
 */
export interface PostgresOptions {
  /** The environment variable that holds the connection string. Not together with `url`. */
  readonly env?: string | undefined;
  /** The connection string: `postgres://user:password@host:5432/database?sslmode=verify-full`. */
  readonly url?: string | undefined;
  /** A host name, or the folder of a Unix socket. Not together with `url` or `env`. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  /** The password, or a function that fetches one, for tokens that expire. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** TLS options of Node, `true` for its defaults. Defaults to the setting of the connection string, or else to no TLS. */
  readonly ssl?: boolean | ConnectionOptions | undefined;
  /** The time to wait for a connection, in milliseconds. Defaults to 15,000. */
  readonly connectTimeout?: number | undefined;
  /** The time after which the server ends a statement, in milliseconds. Defaults to the setting of the server. */
  readonly statementTimeout?: number | undefined;
}
