import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addHelp } from "../help/flags.js";
import { run } from "../run/flags.js";

export function addInspect(program: Command): void {
  const inspect = program.command("inspect").description("Show all details of a feature, an entity, or a source.");
  addSharedOptions(inspect);
  const command = inspect
    .command("feature")
    .description("Show a feature and one of its versions.")
    .argument("<name>", "name of the feature")
    .option("--version <version>", "version, range such as ^1.0, or latest", "latest");
  addSharedOptions(command).action(async (name: string, { version }: { version: string }) => {
    const { inspectFeature } = await import("./feature.js");
    await run(command, (context) => inspectFeature(context, name, version));
  });
  addExamples(command, [
    ["mlforge inspect feature airport_delay", "show the latest version"],
    ["mlforge inspect feature airport_delay --version 1.0.0", "show an older version"],
  ]);
  for (const what of ["entity", "source"] as const) {
    const command = inspect.command(what).description(`Show one ${what}.`).argument("<name>", `name of the ${what}`);
    addSharedOptions(command).action(async (name: string) => {
      const commands = await import("./run.js");
      await run(command, (context) => commands[what](context, name));
    });
    const example = what === "entity" ? "airport" : "flights";
    addExamples(command, [
      [`mlforge inspect ${what} ${example}`, "show the definition"],
      [`mlforge inspect ${what} ${example} --json`, "print it as JSON, in a script"],
    ]);
  }
  addHelp(inspect);
  addExamples(inspect, [
    ["mlforge inspect feature airport_delay", "show a feature and its latest version"],
    ["mlforge inspect source flights", "show where data comes from"],
  ]);
}
