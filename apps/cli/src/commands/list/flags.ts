import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addHelp } from "../help/flags.js";
import { run } from "../run/flags.js";

export function addList(program: Command): void {
  const list = program.command("list").description("List features, entities, sources, or the versions of a feature.");
  addSharedOptions(list);
  for (const what of ["features", "entities", "sources"] as const) {
    const command = list.command(what).description(`List the ${what} of the definitions.`);
    addSharedOptions(command).action(async () => {
      const commands = await import("./run.js");
      await run(command, commands[what]);
    });
    addExamples(command, [
      [`mlforge list ${what}`, "print a table"],
      [`mlforge list ${what} --json`, "print JSON, in a script"],
    ]);
  }
  const command = list
    .command("versions")
    .description("List the published versions of a feature.")
    .argument("<feature>", "name of the feature");
  addSharedOptions(command).action(async (name: string) => {
    const { versions } = await import("./versions.js");
    await run(command, (context) => versions(context, name));
  });
  addExamples(command, [
    ["mlforge list versions airport_delay", "print a table"],
    ["mlforge list versions airport_delay --json", "print JSON, in a script"],
  ]);
  addHelp(list);
  addExamples(list, [
    ["mlforge list features", "list what is defined"],
    ["mlforge list versions airport_delay", "list what was built"],
  ]);
}
