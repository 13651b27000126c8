import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addExamples } from "./examples.js";
import { addBuild } from "./program/build.js";
import { addCompletion } from "./program/completion.js";
import { addDiff } from "./program/diff.js";
import { addDoctor } from "./program/doctor.js";
import { addExplain } from "./program/explain.js";
import { addInit } from "./program/init.js";
import { addInspect } from "./program/inspect.js";
import { addList } from "./program/list.js";
import { addLog } from "./program/log.js";
import { addManifest } from "./program/manifest.js";
import { addPlan } from "./program/plan.js";
import { addPreview } from "./program/preview.js";
import { addProfile } from "./program/profile.js";
import { addPrune } from "./program/prune.js";
import { addRelease } from "./program/release.js";
import { addRollback } from "./program/rollback.js";
import { addSync } from "./program/sync.js";
import { addTrainingData } from "./program/training-data.js";
import { addTypes } from "./program/types.js";
import { addValidate } from "./program/validate.js";
import { addVerify } from "./program/verify.js";
import { addSharedOptions } from "./shared-flags.js";

/** In the order of the help. */
const groups: readonly (readonly [heading: string, commands: readonly ((program: Command) => void)[]])[] = [
  ["Projects:", [addInit, addTypes, addProfile, addDoctor, addCompletion]],
  ["Building:", [addPlan, addBuild, addValidate, addPreview, addSync]],
  ["Versions:", [addDiff, addLog, addRollback, addRelease, addPrune]],
  ["What is there:", [addList, addInspect, addManifest, addVerify]],
  ["Training:", [addTrainingData, addExplain]],
];

/** The commands, their options and their help. What a command needs is loaded when it runs: help needs nothing but commander. */
export function createProgram(): Command {
  const program = new Command("mlforge")
    .description("Define, build, version and read ML features.")
    .version(packageVersion(), "-V, --version", "print the version of mlforge")
    // So that `build --version 2.0.0` is an option of build.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError("See --help.");
  addSharedOptions(program);
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const add of commands) add(program);
  }
  program.commandsGroup("Projects:").helpCommand(true);
  addExamples(program, [
    ["mlforge init shop", "make a project"],
    ["mlforge plan", "see what a build would do"],
    ["mlforge build", "build what changed"],
  ]);
  return program.addHelpText(
    "after",
    `
Definitions are searched from the working directory upwards: definitions.ts or src/definitions.ts.
Results go to stdout, everything else to stderr.
Exit codes: 0 all well, 1 something failed, 2 wrong usage or definitions, 130 interrupted;
plan --check and diff have more, see their help.`,
  );
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new TypeError("package.json has no version");
}
