import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

/** A server of the benchmark's own, in a process of its own. */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  /** Bytes of objects that came or went since the last call. */
  moved(): Promise<number>;
}

/** Serves the objects in a folder, and takes any other. */
export async function startS3Server(folder: string): Promise<S3Server> {
  const script = fileURLToPath(new URL("./child-s3-server.js", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify({ folder })], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for await (const line of createInterface(child.stdout)) {
    const { port } = v.parse(v.object({ port: v.number() }), JSON.parse(line));
    const endpoint = `http://127.0.0.1:${port}`;
    return {
      endpoint,
      moved: async () => Number(await (await fetch(`${endpoint}/-/moved`)).text()),
      async [Symbol.asyncDispose]() {
        child.stdin.end();
        await ended;
      },
    };
  }
  throw new Error("the server of the benchmark did not start");
}
