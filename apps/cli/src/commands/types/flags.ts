import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addNames } from "../arguments/flags.js";
import { run } from "../run/flags.js";
import type { TypesFlags } from "./run.js";

export function addTypes(program: Command): void {
  const command = program
    .command("types")
    .description("Print the columns found in source files, ready to declare, or check the declared ones.")
    .option("--sources <names>", "read only these sources, separated by commas", addNames)
    .option("--check", "compare the declared columns with the files; exit with code 1 if a build would fail")
    .option("--out <file>", "write the columns as a module; with --check, compare that file");
  addSharedOptions(command).action(async (flags: TypesFlags) => {
    const { types } = await import("./run.js");
    await run(command, (context) => types(context, flags));
  });
  addExamples(command, [
    ["mlforge types --sources flights", "print the columns of one source"],
    ["mlforge types --out src/columns.ts", "write constants such as flightsColumns"],
    ["mlforge types --check", "check that sources match, for example in CI"],
  ]);
}
