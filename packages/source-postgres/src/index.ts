import { type Connector, MlforgeError } from "@mlforge/spec";
import { Login } from "./login.js";
import { PostgresConnector } from "./postgres-connector.js";
import type { PostgresOptions } from "./postgres-options.js";

export type { PostgresOptions } from "./postgres-options.js";

/**
 * Reads sources from PostgreSQL.
 *
 * @throws USAGE_INVALID if more than one way to log in is given
 *
 * @example
 * const orders = source({ name: "orders", connector: postgres({ env: "DATABASE_URL" }), query: "select id, amount, at from orders" });
 */
export function postgres(options: PostgresOptions = {}): Connector {
  const { env, url, host, port, database, user, password } = options;
  const given = Object.entries({ env, url, fields: host ?? port ?? database ?? user ?? password }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    const message = "postgres() takes env, url, or the fields host, port, database, user and password; give one of the three";
    throw new MlforgeError("USAGE_INVALID", message, { argument: given[1]?.[0] === "url" ? "url" : "host" });
  }
  return new PostgresConnector(new Login(options));
}
