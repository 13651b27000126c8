import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Project } from "./project.js";

const width = 100;

/** How a prompt marks an answer that fails its validation. It then waits for another. */
const refused = "▲";

/** The command on a terminal of its own, which `script` of util-linux makes, or a shell; arguments must need no quoting. */
export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;
  #shown = "";
  #read = 0;

  /** `command` is a line of sh that needs no single quotes. */
  constructor(
    project: Project,
    args: readonly string[],
    command = 'exec "$NODE" "$BIN" $ARGS',
    env: Readonly<Record<string, string>> = {},
  ) {
    // The shell replaces itself with the command, which then has the terminal alone.
    const through = ["sh", "-c", wrap(`stty cols $WIDTH rows 50 && ${command}`), "sh"];
    this.#child = project.start(args, { through, env: { WIDTH: String(width), TERM: "xterm", ...env } });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#shown += text;
    });
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  /** Waits until the terminal shows a text after what was waited for before, and types. Fails if the prompt refused what was typed before. */
  async answer(question: string, keys: string): Promise<void> {
    for (;;) {
      const at = this.#shown.indexOf(question, this.#read);
      if (at !== -1) {
        this.#read = at + question.length;
        this.#child.stdin.write(keys);
        return;
      }
      if (this.#shown.includes(refused, this.#read)) throw new Error(`an answer before "${question}" was refused: ${this.#shown}`);
      await Promise.race([
        new Promise((resolve) => this.#child.stdout.once("data", resolve)),
        this.#ended.then((code) => {
          throw new Error(`ended with ${code} and without "${question}": ${this.#shown}`);
        }),
      ]);
    }
  }

  /** The exit code, and all that was shown. */
  async end(): Promise<{ readonly exitCode: number | null; readonly shown: string }> {
    return { exitCode: await this.#ended, shown: this.#shown };
  }
}

function wrap(command: string): string {
  return `NODE="$1" BIN="$2"; shift 2; ARGS="$*" NODE="$NODE" BIN="$BIN" exec script --quiet --return --command '${command}' /dev/null`;
}
