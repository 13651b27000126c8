import type { Engine } from "@mlforge/spec";
import { CommanderError } from "commander";
import { rememberFolder } from "./called-from.js";
import type { EngineLoader } from "./engine-loader.js";
import { createProgram, type UsageNote } from "./program.js";

export interface MainOptions {
  /** Loads the engine for `init`, which runs without definitions. Defaults to `@mlforge/engine-duckdb` if it is installed. */
  readonly loadEngine?: EngineLoader | undefined;
}

/** Runs the command given by `args` and sets the exit code of the process. */
export async function main(args: readonly string[], { loadEngine = loadInstalled }: MainOptions = {}): Promise<void> {
  rememberFolder();
  endWithReader();
  // On Node 20, the SDK warns that its future versions need another Node. Only mlforge can act on that, since it chooses the version.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const notes: UsageNote[] = [];
  try {
    await createProgram((note) => notes.push(note), { loadEngine }).parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (notes.length > 0) {
      const { usageText } = await import("./usage-text.js");
      process.stderr.write(usageText(notes));
    }
    if (error.exitCode === 0) return;
    // Commander uses 1 for wrong usage. Commands with other exit codes set their own.
    process.exitCode = error.exitCode === 1 ? 2 : error.exitCode;
    if (!args.includes("--json")) return;
    const { errorDocument } = await import("./error-document.js");
    process.stdout.write(errorDocument("USAGE_INVALID", usageMessage(error)));
  }
}

async function loadInstalled(): Promise<Engine> {
  const { installedEngine } = await import("./engine-loader.js");
  return await installedEngine();
}

function usageMessage({ code, message }: CommanderError): string {
  return code === "commander.help" ? "no command given; see --help" : message.replace(/^error: /, "");
}

/** Ends quietly if the reader of a pipe, such as head, closes it. Any other failure to write the result is an error. */
function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(`error: cannot write the result to stdout: ${error.message}\n`);
    process.exit(1);
  });
  // If stderr cannot be written either, the error cannot be reported.
  process.stderr.on("error", () => {});
}
