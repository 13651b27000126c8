import { CommanderError } from "commander";
import { createProgram } from "./program.js";

/** Runs the command that `args` ask for and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  endWithReader();
  try {
    await createProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    // Commander has 1 for wrong usage; a command with other codes says so by a code of its own.
    process.exitCode = error.exitCode === 1 ? 2 : error.exitCode;
    if (!args.includes("--json")) return;
    const { errorDocument } = await import("./error-document.js");
    process.stdout.write(errorDocument("USAGE_INVALID", usageMessage(error)));
  }
}

function usageMessage({ code, message }: CommanderError): string {
  return code === "commander.help" ? "no command was given; see --help" : message.replace(/^error: /, "");
}

/** The reader of a pipe, such as head, may have seen enough: that is no failure. A result that cannot be written otherwise is one. */
function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(`error: the result cannot be written to stdout: ${error.message}\n`);
    process.exit(1);
  });
  // Where stderr cannot be written to either, there is nobody to tell.
  process.stderr.on("error", () => {});
}
