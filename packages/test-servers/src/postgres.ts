import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port.js";
import { guarded, ServerProcess } from "./server-process.js";

/** A running PostgreSQL server with its own cluster, which loses its data when it ends. */
export interface Postgres extends AsyncDisposable {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly user: "mlforge";
  readonly password: string;
  readonly database: "postgres";
  /** Runs statements through `psql` as the superuser, and returns what it prints: unaligned rows of the server's text. */
  psql(sql: string): string;
  /** Ends the server at once, like a crash. */
  crash(): void;
}

/** Returns the folder of PostgreSQL's programs, if there is one. Debian has one folder per version. */
export function postgresFolder(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(delimiter)];
  return folders.find((folder) => ["initdb", "pg_ctl", "postgres", "psql"].every((name) => existsSync(join(folder, name))));
}

/** Returns the user to run the server as, because it refuses root. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout.trim());
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * Starts PostgreSQL on a free port of 127.0.0.1 with one superuser, who logs in with a password.
 *
 * @param settings More lines for `postgresql.conf`.
 */
export async function startPostgres({ settings = {} }: { readonly settings?: Readonly<Record<string, string>> } = {}): Promise<Postgres> {
  const programs = postgresFolder();
  if (programs === undefined) throw new Error("PostgreSQL is missing");
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "mlforge-postgres-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const password = "correct-horse-battery";
  const initialized = spawnSync(
    "sh",
    [
      "-c",
      'printf %s "$2" > "$1/pw" && "$0" -D "$1/data" -U mlforge --auth=scram-sha-256 --pwfile="$1/pw" -E UTF8 --locale=C.UTF-8 --no-sync',
      join(programs, "initdb"),
      folder,
      password,
    ],
    { ...user, cwd: folder, encoding: "utf8" },
  );
  if (initialized.status !== 0) throw new Error(`initdb: ${initialized.stdout}${initialized.stderr}`);
  const port = await freePort();
  const fixed = { listen_addresses: "127.0.0.1", port: String(port), unix_socket_directories: folder, fsync: "off", ...settings };
  const args = Object.entries(fixed).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = new ServerProcess(...guarded(join(programs, "postgres"), ["-D", data, ...args]), { ...user, cwd: folder });
  const stop = (): void => {
    spawnSync(join(programs, "pg_ctl"), ["stop", "-D", data, "-m", "immediate", "-w"], { ...user, cwd: folder });
  };
  try {
    await server.printed(/database system is ready to accept connections/);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return {
    host: "127.0.0.1",
    port,
    user: "mlforge",
    password,
    database: "postgres",
    psql(sql) {
      const env = { ...process.env, PGPASSWORD: password, PGCLIENTENCODING: "UTF8" };
      const args = [
        "-X",
        "-q",
        "-A",
        "-t",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        "127.0.0.1",
        "-p",
        String(port),
        "-U",
        "mlforge",
        "-d",
        "postgres",
      ];
      const run = spawnSync(join(programs, "psql"), args, { env, input: sql, encoding: "utf8", maxBuffer: 1 << 28 });
      if (run.status !== 0) throw new Error(`psql: ${run.stderr}`);
      return run.stdout.replace(/\n$/, "");
    },
    crash: stop,
    async [Symbol.asyncDispose]() {
      stop();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
