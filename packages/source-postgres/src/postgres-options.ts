import type { ConnectionOptions } from "node:tls";

/**
 * How to log in. Without options, `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD` and `PGDATABASE` decide, as for `psql`.
 *
 * Nothing is read or connected before rows are needed, so definitions load without the variables.
 */
export interface PostgresOptions {
  /** The environment variable that holds the connection string. Not together with `url`. */
  readonly env?: string | undefined;
  /** The connection string: `postgres://user:password@host:5432/database?sslmode=verify-full`. */
  readonly url?: string | undefined;
  /** A host name, or the folder of a Unix socket. The fields below override nothing of `url` and `env`, and cannot be given with them. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  /** The password, or a function that gets one, for tokens that expire. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** TLS options of Node, `true` for its defaults. Defaults to what the connection string says, else to no TLS. */
  readonly ssl?: boolean | ConnectionOptions | undefined;
  /** How long to wait for a connection, in milliseconds. Defaults to 15,000. */
  readonly connectTimeout?: number | undefined;
  /** After how many milliseconds the server ends a statement. Defaults to what the server says. */
  readonly statementTimeout?: number | undefined;
}
