import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addBuild } from "./commands/build/flags.js";
import { addCompletion } from "./commands/completion/flags.js";
import { addDiff } from "./commands/diff/flags.js";
import { addDoctor } from "./commands/doctor/flags.js";
import { addExplain } from "./commands/explain/flags.js";
import { addHelp } from "./commands/help/flags.js";
import { addInit } from "./commands/init/flags.js";
import { addInspect } from "./commands/inspect/flags.js";
import { addList } from "./commands/list/flags.js";
import { addLog } from "./commands/log/flags.js";
import { addManifest } from "./commands/manifest/flags.js";
import { addPlan } from "./commands/plan/flags.js";
import { addPreview } from "./commands/preview/flags.js";
import { addProfile } from "./commands/profile/flags.js";
import { addPrune } from "./commands/prune/flags.js";
import { addRelease } from "./commands/release/flags.js";
import { addRollback } from "./commands/rollback/flags.js";
import { addSync } from "./commands/sync/flags.js";
import { addTrainingData } from "./commands/training-data/flags.js";
import { addTypes } from "./commands/types/flags.js";
import { addValidate } from "./commands/validate/flags.js";
import { addVerify } from "./commands/verify/flags.js";
import { addExamples, addNote, layOutHelp } from "./help-layout.js";
import type { Host } from "./host.js";
import { addSharedOptions } from "./shared-flags.js";

/** Lists the commands in the order of the help. */
const groups: readonly (readonly [heading: string, commands: readonly ((program: Command, host: Host) => void)[]])[] = [
  ["Projects:", [addInit, addTypes, addProfile, addDoctor, addCompletion, addHelp]],
  ["Building:", [addPlan, addBuild, addValidate, addPreview, addSync]],
  ["Versions:", [addDiff, addLog, addRollback, addRelease, addPrune]],
  ["Inspecting:", [addList, addInspect, addManifest, addVerify]],
  ["Training:", [addTrainingData, addExplain]],
];

/** Text for stderr from commander. An error quotes arguments, which can contain anything. */
export interface UsageNote {
  readonly text: string;
  readonly quotesArguments: boolean;
}

/**
 * Creates the commands with their options and help. Loads the code of a command only when it runs, so that help needs only commander.
 *
 * `note` gets what commander has to say about wrong usage, before it throws.
 */
export function createProgram(note: (note: UsageNote) => void, host: Host): Command {
  const program = new Command("mlforge")
    .description("Define, build, version, and read ML features.")
    .version(packageVersion(), "-V, --version", "print the version of mlforge")
    // Makes `build --version 2.0.0` an option of build.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeErr: (text) => note({ text, quotesArguments: false }),
      outputError: (text) => note({ text, quotesArguments: true }),
    })
    .showHelpAfterError("See --help.");
  layOutHelp(program);
  addSharedOptions(program);
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, host);
  }
  addExamples(program, [
    ["mlforge init shop", "create a project"],
    ["mlforge plan", "see what a build would do"],
    ["mlforge build", "build what changed"],
  ]);
  addNote(
    program,
    `mlforge looks for definitions.ts or src/definitions.ts in the working directory and its parents.
Results go to stdout, everything else to stderr.
Exit codes: 0 success, 1 failure, 2 invalid usage or definitions, 130 interrupted.
plan --check and diff have more: see their help.`,
  );
  return program;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new TypeError("package.json has no version");
}
