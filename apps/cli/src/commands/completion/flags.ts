import { Argument, type Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import type { Shell } from "./scripts.js";

export function addCompletion(program: Command): void {
  const command = program
    .command("completion")
    .description("Print a shell completion script for commands, options, and the names of your definitions.")
    .addArgument(new Argument("<shell>", "shell to complete in").choices(["bash", "zsh", "fish"]));
  addSharedOptions(command).action(async (shell: Shell) => {
    const { completionScript } = await import("./scripts.js");
    process.stdout.write(completionScript(shell));
  });
  addExamples(command, [
    ["mlforge completion bash >> ~/.bashrc", "bash"],
    ["mlforge completion zsh > ~/.zsh/completions/_mlforge", "zsh; the folder must be in fpath before compinit"],
    ["mlforge completion fish > ~/.config/fish/completions/mlforge.fish", "fish"],
  ]);
  // The scripts call this command with the words of a line up to the cursor.
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .helpOption(false)
    .action(async (words: string[]) => {
      const { complete } = await import("./run.js");
      await complete(program, words);
    });
}
