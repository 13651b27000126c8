import type { Command } from "commander";
import type { ExplainFlags } from "../commands/explain.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames, addText, parseIndex } from "./arguments.js";
import { run } from "./run.js";

export function addExplain(program: Command): void {
  const command = program
    .command("explain")
    .description("Show what one label knows of features: the row that was chosen, since when it was known, and what came too late.")
    .requiredOption(
      "--features <names>",
      'features, separated by commas: a, b@^1.0, or "stats as buyer_ on user_id=buyer_id" (prefix and keys)',
      addNames,
    )
    .option("--key <name=value>", "a key of the label; once for each key", addText)
    .option("--at <moment>", "the moment of the label: 2001-03-01T12:00:00Z")
    .option("--labels <labels>", "take the label from these declared labels or files instead", addNames)
    .option("--label-types <types>", "types of columns of label files, such as id=string", addText)
    .option("--row <number>", "which of them; 0 is the first", parseIndex)
    .option("--timestamp <column>", "their column that says when")
    .option("--no-exact-matches", "leave out what became known at the very moment of the label");
  addSharedOptions(command).action(async (flags: ExplainFlags) => {
    const { explain } = await import("../commands/explain.js");
    await run(command, (context) => explain(context, flags));
  });
  addExamples(command, [
    ["mlforge explain --features airport_delay --key origin=SEA --at 2001-03-01T12:00:00Z", "one moment"],
    ["mlforge explain --features airport_delay --labels labels.parquet --row 17 --timestamp at --json", "a label of a file"],
  ]);
}
