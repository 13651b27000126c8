import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addNames, addText, parseIndex } from "../arguments/flags.js";
import { run } from "../run/flags.js";
import type { ExplainFlags } from "./run.js";

export function addExplain(program: Command): void {
  const command = program
    .command("explain")
    .description("Show which feature rows one label sees, since when they are known, and which came too late.")
    .requiredOption(
      "--features <names>",
      'features to explain, separated by commas: a, b@^1.0, or "stats as buyer_ on user_id=buyer_id" (prefix and keys)',
      addNames,
    )
    .option("--key <name=value>", "key of the label, with bytes in base64; repeat for each key", addText)
    .option("--at <timestamp>", "timestamp of the label, such as 2001-03-01T12:00:00Z")
    .option("--labels <labels>", "take the label from declared labels or from files", addNames)
    .option("--label-types <types>", "column types of the label files, such as id=string", addText)
    .option("--row <number>", "row number of the label; the first is 0", parseIndex)
    .option("--timestamp <column>", "timestamp column of the labels")
    .option("--no-exact-matches", "exclude feature rows with exactly the timestamp of the label");
  addSharedOptions(command).action(async (flags: ExplainFlags) => {
    const { explain } = await import("./run.js");
    await run(command, (context) => explain(context, flags));
  });
  addExamples(command, [
    ["mlforge explain --features airport_delay --key origin=SEA --at 2001-03-01T12:00:00Z", "explain a label given by key and time"],
    ["mlforge explain --features airport_delay --labels labels.parquet --row 17 --timestamp at --json", "explain a row of a label file"],
  ]);
}
