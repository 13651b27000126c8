import type { Command } from "commander";
import type { TrainingDataFlags } from "../commands/training-data.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames, addText } from "./arguments.js";
import { run } from "./run.js";

export function addTrainingData(program: Command): void {
  const command = program
    .command("training-data")
    .description("Join features to labels, each as it was known at the time of the label, and write the result.")
    .option(
      "--labels <labels>",
      "labels declared in the definitions by name, or files: Parquet, CSV or NDJSON, separated by commas; globs are allowed. A declared name wins",
      addNames,
    )
    .option(
      "--label-types <types>",
      "types of columns of label files, such as id=string,price=decimal(18,4); others are found in the files",
      addText,
    )
    .option("--timestamp <column>", "the column that says when a label is to be predicted")
    .option(
      "--features <names>",
      'features, separated by commas: a, b@^1.0, or "stats as buyer_ on user_id=buyer_id" (prefix and keys)',
      addNames,
    )
    .requiredOption("--out <path>", "the file to write: .parquet or .csv")
    .option("--lock <path>", "make it as this lock file says; where there is none yet, write one")
    .option("--no-exact-matches", "leave out what became known at the very moment of a label")
    .option("--verify", "first check every data file against its SHA-256");
  addSharedOptions(command).action(async (flags: TrainingDataFlags) => {
    const { trainingData } = await import("../commands/training-data.js");
    await run(command, (context) => trainingData(context, flags));
  });
  addExamples(command, [
    ["mlforge training-data --labels labels.parquet --timestamp at --features airport_delay --out train.parquet", "the latest versions"],
    ["mlforge training-data --lock features.lock --out train.parquet", "the same rows again"],
  ]);
}
