import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, connect as dial, type Server } from "node:net";
import { join } from "node:path";

/** The name of the socket in an owned folder. */
export const socketName = ".owner";
/** The longest path of a socket on Linux, macOS, and BSD. */
const maxPath = 100;

/**
 * Binds a socket in a folder. The kernel closes it with the process, however it ends, so it works as a lock that no killed process keeps, also
 * between containers. Resolves to undefined where the file system or the system has no such sockets.
 */
export async function bindSocket(folder: string): Promise<Server | undefined> {
  if (process.platform === "win32") return undefined;
  return throughShortPath(folder, (path) => {
    const server = createServer((connection) => connection.destroy());
    server.unref();
    return new Promise<Server | undefined>((done) => {
      server.once("error", () => done(undefined));
      server.listen(path, () => done(server));
    });
  });
}

/** Returns true if a process holds the socket of a folder, false if none does, and undefined if there is no socket. */
export async function isSocketHeld(folder: string): Promise<boolean | undefined> {
  return throughShortPath(folder, (path) => {
    const connection = dial(path);
    return new Promise<boolean | undefined>((done) => {
      connection.once("connect", () => done(true));
      connection.once("error", (error) => {
        const code = "code" in error ? error.code : undefined;
        // A full queue belongs to a process that is alive but busy.
        done(code === "ECONNREFUSED" ? false : code === "EAGAIN" ? true : undefined);
      });
    }).finally(() => connection.destroy());
  });
}

/** Calls `use` with a path to the socket that is short enough. Linux can name an open folder. */
async function throughShortPath<T>(folder: string, use: (path: string) => Promise<T | undefined>): Promise<T | undefined> {
  const path = join(folder, socketName);
  if (Buffer.byteLength(path) <= maxPath) return use(path);
  if (process.platform !== "linux") return undefined;
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    return await use(`/proc/self/fd/${handle.fd}/${socketName}`);
  } finally {
    await handle.close();
  }
}
