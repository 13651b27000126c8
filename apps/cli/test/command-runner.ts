import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Command {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

interface Answer {
  readonly outcome: Outcome;
  /** True if the process ends after this command. */
  readonly isLast: boolean;
}

const child = fileURLToPath(new URL("command-runner-child.mjs", import.meta.url));

/** Runs commands one after another in one process, which starts with the first and ends with this one. */
export class CommandRunner {
  isBusy = false;
  #process: ChildProcess | undefined;

  async run(command: Command): Promise<Outcome> {
    this.isBusy = true;
    const process = this.#process ?? fork(child, { silent: true, serialization: "advanced" });
    this.#process = process;
    hold(process, true);
    try {
      const { outcome, isLast } = await answerOf(process, command);
      if (isLast) this.#process = undefined;
      return outcome;
    } catch (error) {
      this.#process = undefined;
      throw error;
    } finally {
      hold(process, false);
      this.isBusy = false;
    }
  }
}

/** Rejects if the process ends early, or prints past its streams. */
function answerOf(process: ChildProcess, command: Command): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let printed = "";
    let answer: Answer | undefined;
    const onPrint = (part: Buffer): void => {
      printed += String(part);
    };
    const onMessage = (message: Answer): void => {
      answer = message;
      if (!message.isLast) settle();
    };
    const onClose = (): void => settle();
    const settle = (): void => {
      process.off("message", onMessage).off("close", onClose).off("error", reject);
      for (const stream of [process.stdout, process.stderr]) stream?.off("data", onPrint);
      if (answer !== undefined && printed === "") resolve(answer);
      else
        reject(new Error(`the process of mlforge ${command.args.join(" ")} ended or printed past its streams; use runAlone: ${printed}`));
    };
    process.on("message", onMessage).on("close", onClose).on("error", reject);
    for (const stream of [process.stdout, process.stderr]) stream?.on("data", onPrint);
    process.send(command);
  });
}

/** Keeps this process running while a command runs, and no longer. */
function hold(process: ChildProcess, isHeld: boolean): void {
  const handles = [process, process.channel, process.stdout, process.stderr];
  for (const handle of handles) {
    if (handle === null || handle === undefined) continue;
    if (isHeld && "ref" in handle && typeof handle.ref === "function") handle.ref();
    if (!isHeld && "unref" in handle && typeof handle.unref === "function") handle.unref();
  }
}
