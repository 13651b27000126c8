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

/** Lists the commands in the order of the help. */
const groups: readonly (readonly [heading: string, commands: readonly ((program: Command) => void)[]])[] = [
  ["Projects:", [addInit, addTypes, addProfile, addDoctor, addCompletion]],
  ["Building:", [addPlan, addBuild, addValidate, addPreview, addSync]],
  ["Versions:", [addDiff, addLog, addRollback, addRelease, addPrune]],
  ["Inspecting:", [addList, addInspect, addManifest, addVerify]],
  ["Training:", [addTrainingData, addExplain]],
];

/** Creates the commands with their options and help. Loads the code of a command only when it runs, so that help needs only commander. */
export function createProgram(): Command {
  const program = new Command("mlforge")
    .description("Define, build, version, and read ML features.")
    .version(packageVersion(), "-V, --version", "print the version of mlforge")
    // Makes `build --version 2.0.0` an option of build.
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
    ["mlforge init shop", "create a project"],
    ["mlforge plan", "see what a build would do"],
    ["mlforge build", "build what changed"],
  ]);
  return program.addHelpText(
    "after",
    `
mlforge looks for definitions.ts or src/definitions.ts in the working directory and its parents.
Results go to stdout, everything else to stderr.
Exit codes: 0 success, 1 failure, 2 invalid usage or definitions, 130 interrupted.
plan --check and diff have more: see their help.`,
  );
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new TypeError("package.json has no version");
}
