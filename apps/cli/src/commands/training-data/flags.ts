import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addNames, addText } from "../arguments/flags.js";
import { run } from "../run/flags.js";
import type { TrainingDataFlags } from "./run.js";

export function addTrainingData(program: Command): void {
  const command = program
    .command("training-data")
    .description("Join features to labels as known at the time of each label, and write the result.")
    .option(
      "--labels <labels>",
      "name of declared labels, or Parquet, CSV, or NDJSON files, URLs, and globs, separated by commas",
      addNames,
    )
    .option(
      "--label-types <types>",
      "column types of the label files, such as id=string,price=decimal(18,4); other types are inferred",
      addText,
    )
    .option("--timestamp <column>", "timestamp column of the labels")
    .option(
      "--features <names>",
      'features to join, separated by commas: a, b@^1.0, or "stats as buyer_ on user_id=buyer_id" (prefix and keys)',
      addNames,
    )
    .requiredOption("--out <path>", "file to write: .parquet or .csv")
    .option("--lock <path>", "make the set that this lock file records; create the file if it does not exist")
    .option("--no-exact-matches", "exclude feature rows with exactly the timestamp of the label")
    .option("--with-timestamps", "add the timestamp of each matched row as <feature>_timestamp")
    .option("--verify", "check every data file against its SHA-256 first");
  addSharedOptions(command).action(async (flags: TrainingDataFlags) => {
    const { trainingData } = await import("./run.js");
    await run(command, (context) => trainingData(context, flags));
  });
  addExamples(command, [
    [
      "mlforge training-data --labels labels.parquet --timestamp at --features airport_delay --out train.parquet",
      "join the latest versions",
    ],
    ["mlforge training-data --lock features.lock --out train.parquet", "make the same rows again"],
  ]);
}
