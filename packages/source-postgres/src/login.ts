import type { Socket } from "node:net";
import { MlforgeError } from "@mlforge/spec";
import pg from "pg";
import type { PostgresOptions } from "./postgres-options.js";

/** A database and a login. Only the client options contain secrets. Nothing else exposes them. */
export class Login {
  readonly #options: PostgresOptions;
  /** Passwords returned by functions. */
  readonly #secrets = new Set<string>();

  constructor(options: PostgresOptions) {
    this.#options = options;
  }

  /**
   * Creates a client that is not connected.
   *
   * @param stream Returns the socket to connect. Defaults to the driver's own.
   * @throws ENVIRONMENT_MISSING, USAGE_INVALID
   */
  client(stream?: () => Socket): pg.Client {
    const { connectTimeout = 15_000, statementTimeout, ssl } = this.#options;
    const url = this.#url();
    const { host, port, database, user } = this.#options;
    const login = url === undefined ? { host, port, database, user, ...this.#password() } : { connectionString: checkedUrl(url) };
    return new pg.Client({
      ...defined(login),
      ...defined({ stream, ssl, statement_timeout: statementTimeout }),
      connectionTimeoutMillis: connectTimeout,
      application_name: "mlforge",
    });
  }

  /** Names the database and the user, without a secret. */
  locate(): string {
    const { user, host, port, database } = this.client();
    const name = encodeURIComponent(user ?? "");
    const at = host.startsWith("/") ? encodeURIComponent(host) : host;
    return `postgres://${name === "" ? "" : `${name}@`}${at}:${port}/${encodeURIComponent(database ?? "")}`;
  }

  /** Removes secrets from a text of the driver or the server. */
  redact(text: string): string {
    const { password } = this.client();
    const secrets = [...this.#secrets, ...(typeof password === "string" ? [password] : []), ...urlSecrets(this.#url())];
    return secrets.filter((secret) => secret !== "").reduce((all, secret) => all.replaceAll(secret, "***"), text);
  }

  #url(): string | undefined {
    const { env, url } = this.#options;
    if (env === undefined) return url;
    const value = process.env[env];
    if (value !== undefined && value !== "") return value;
    throw new MlforgeError("ENVIRONMENT_MISSING", `the environment variable ${env} is not set; set it to a connection string`, {
      variable: env,
    });
  }

  #password(): { readonly password?: string | (() => Promise<string>) } {
    const { password } = this.#options;
    if (password === undefined || typeof password === "string") return password === undefined ? {} : { password };
    return {
      password: async () => {
        const secret = await password();
        this.#secrets.add(secret);
        return secret;
      },
    };
  }
}

/** Checks the connection string. The driver would take any text for a database name and repeat it in errors. */
function checkedUrl(url: string): string {
  if (URL.canParse(url) && /^postgres(ql)?:\/\//.test(url)) return url;
  const message =
    "the connection string is not a URL such as postgres://user:password@host:5432/database; percent-encode its special characters";
  throw new MlforgeError("USAGE_INVALID", message, { argument: "url" });
}

function urlSecrets(url: string | undefined): readonly string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password, searchParams } = new URL(url);
  return [url, password, ...["password", "sslpassword"].map((name) => searchParams.get(name) ?? "")];
}

function defined<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> };
function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
