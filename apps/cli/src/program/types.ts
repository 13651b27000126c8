import type { Command } from "commander";
import type { TypesFlags } from "../commands/types.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames } from "./arguments.js";
import { run } from "./run.js";

export function addTypes(program: Command): void {
  const command = program
    .command("types")
    .description("Print the columns that the files of sources have, to be declared; or check those that are declared.")
    .option("--sources <names>", "only these, separated by commas", addNames)
    .option("--check", "compare the files with what is declared, and end with 1 where a build would fail")
    .option("--out <file>", "write a module with the columns of each source; with --check compare it");
  addSharedOptions(command).action(async (flags: TypesFlags) => {
    const { types } = await import("../commands/types.js");
    await run(command, (context) => types(context, flags));
  });
  addExamples(command, [
    ["mlforge types --sources flights", "the columns of one source, for copying"],
    ["mlforge types --out src/columns.ts", "write them as constants: flightsColumns"],
    ["mlforge types --check", "whether sources are still as declared, for continuous integration"],
  ]);
}
