import type { Command } from "commander";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { run } from "./run.js";

export function addInspect(program: Command): void {
  const inspect = program.command("inspect").description("Show everything about one feature, entity or source.");
  addSharedOptions(inspect);
  const command = inspect
    .command("feature")
    .description("Show a feature and one of its versions.")
    .argument("<name>", "its name")
    .option("--version <version>", "a version, a range such as ^1.0, or latest", "latest");
  addSharedOptions(command).action(async (name: string, { version }: { version: string }) => {
    const { inspectFeature } = await import("../commands/inspect-feature.js");
    await run(command, (context) => inspectFeature(context, name, version));
  });
  addExamples(command, [
    ["mlforge inspect feature airport_delay", "the latest version"],
    ["mlforge inspect feature airport_delay --version 1.0.0", "an older one"],
  ]);
  for (const what of ["entity", "source"] as const) {
    const command = inspect.command(what).description(`Show one ${what}.`).argument("<name>", "its name");
    addSharedOptions(command).action(async (name: string) => {
      const commands = await import("../commands/inspect.js");
      await run(command, (context) => commands[what](context, name));
    });
    const example = what === "entity" ? "airport" : "flights";
    addExamples(command, [
      [`mlforge inspect ${what} ${example}`, "for people"],
      [`mlforge inspect ${what} ${example} --json`, "for a script"],
    ]);
  }
  addExamples(inspect, [
    ["mlforge inspect feature airport_delay", "a feature and its latest version"],
    ["mlforge inspect source flights", "where data comes from"],
  ]);
}
