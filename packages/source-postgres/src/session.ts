import { Socket } from "node:net";
import type pg from "pg";
import type { Login } from "./login.js";
import { postgresError } from "./postgres-error.js";

/** Settings that make the text of values the same on every server. They are local to the transaction, so poolers can share connections. */
const settings = [
  "client_encoding = 'UTF8'",
  "TimeZone = 'UTC'",
  "DateStyle = 'ISO, YMD'",
  "IntervalStyle = 'iso_8601'",
  "bytea_output = 'hex'",
  "extra_float_digits = 1",
  "synchronize_seqscans = off",
];

/**
 * Runs `work` in one read-only transaction with one snapshot of the database, and then closes the connection.
 *
 * An abort ends the server process, waits for that, and rejects with the reason.
 */
export async function inSnapshot<T>(
  place: Login,
  source: string,
  signal: AbortSignal | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const socket = new Socket();
  const client = place.client(() => socket);
  // A lost connection rejects the running query. If none is running, nothing needs to be reported.
  client.on("error", () => {});
  const stop = stopper(client, socket, place);
  signal?.addEventListener("abort", stop.now, { once: true });
  try {
    await client.connect();
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(settings.map((setting) => `SET LOCAL ${setting}`).join("; "));
    await stop.know();
    signal?.throwIfAborted();
    return await work(client);
  } catch (error) {
    signal?.throwIfAborted();
    throw postgresError(error, source, place);
  } finally {
    signal?.removeEventListener("abort", stop.now);
    await stop.stopped();
    await client.end().catch(() => {});
  }
}

interface Stopper {
  /** Asks which server process works for the client. A pooler reports a different one. */
  know(): Promise<void>;
  readonly now: () => void;
  /** Resolves once the server process has been asked to end, if an abort requires that. */
  stopped(): Promise<void>;
}

function stopper(client: pg.Client, socket: Socket, place: Login): Stopper {
  let process: number | undefined;
  let stopping: Promise<void> = Promise.resolve();
  return {
    async know() {
      const { rows } = await client.query<[number]>({ text: "SELECT pg_backend_pid()", rowMode: "array" });
      process = rows[0]?.[0];
    },
    now() {
      const cut = (): void => void socket.destroy();
      if (process === undefined) cut();
      else stopping = terminate(process, place).catch(cut);
    },
    stopped: () => stopping,
  };
}

/** Ends a server process over another connection, because it may be waiting for us to read. */
async function terminate(process: number, place: Login): Promise<void> {
  const other = place.client();
  other.on("error", () => {});
  try {
    await other.connect();
    await other.query("SELECT pg_terminate_backend($1)", [process]);
  } finally {
    await other.end().catch(() => {});
  }
}
