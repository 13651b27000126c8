import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";

/** The time a server has to start, in milliseconds. */
export const startDeadline = 60_000;

const outputKept = 64 * 1024;

/**
 * Returns the command and arguments of a program that ends when its standard input ends, even if it does not read it: a shell reads it instead, and
 * kills the program.
 */
export function guarded(command: string, args: readonly string[]): [string, readonly string[]] {
  const script = 'exec 3<&0; "$@" </dev/null 3<&- & pid=$!; { cat <&3; kill -9 $pid; } >/dev/null 2>&1 & wait $pid';
  return ["sh", ["-c", script, "sh", command, ...args]];
}

/** A program that ends when its standard input ends, and therefore at the latest when this process ends, even if killed. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #command: string;
  readonly #ended: Promise<void>;
  /** Emits `data` with everything printed to either stream. */
  readonly #prints = new EventEmitter();
  #output = "";
  #end: string | undefined;

  constructor(command: string, args: readonly string[], options: SpawnOptionsWithoutStdio = {}) {
    this.#command = [command, ...args].join(" ");
    this.#child = spawn(command, args, options);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-outputKept);
        this.#prints.emit("data");
      });
    }
    // Ending the input of a program that has ended is an EPIPE, which can be ignored.
    this.#child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#end = error.message;
        resolve();
      });
      this.#child.once("close", (code, signal) => {
        this.#end ??= `it ended with ${signal ?? code}`;
        resolve();
      });
    });
  }

  /** The last 64 KB of what the program printed. */
  get output(): string {
    return this.#output;
  }

  /** Returns the first match of `pattern` in what the program prints while it starts. Rejects with the output if the program ends first. */
  async printed(pattern: RegExp): Promise<RegExpMatchArray> {
    const deadline = AbortSignal.timeout(startDeadline);
    for (;;) {
      const match = this.#output.match(pattern);
      if (match !== null) return match;
      if (this.#end !== undefined) throw this.failure(this.#end);
      try {
        await Promise.race([once(this.#prints, "data", { signal: deadline }), this.#ended]);
      } catch (error) {
        if (deadline.aborted) throw this.failure(`it did not start within ${startDeadline / 1000} s`);
        throw error;
      }
    }
  }

  /** Throws if the program has ended. */
  assertRunning(): void {
    if (this.#end !== undefined) throw this.failure(this.#end);
  }

  /** Makes an error with the command and its output. */
  failure(reason: string): Error {
    return new Error(`${this.#command}: ${reason}\n${this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), 10_000);
    await this.#ended;
    clearTimeout(kill);
  }
}
