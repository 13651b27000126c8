import type { StoreProblem, VerifyProgress, VerifyReport } from "@mlforge/core";
import { escapeControls } from "@mlforge/spec";
import type { Console } from "../../console.js";
import { displayPath } from "../../display-path.js";
import { formatBytes, formatCount, formatSeconds } from "../../quantity.js";
import type { CommandContext } from "../../run-command.js";

export interface VerifyFlags {
  readonly features?: readonly string[] | undefined;
  readonly quick?: boolean | undefined;
}

/** Checks everything in the store. Returns 1 if it finds problems. */
export async function verify({ definitions, console, signal }: CommandContext, { features, quick }: VerifyFlags): Promise<0 | 1> {
  const started = performance.now();
  const onProgress = ({ feature, files, bytes }: VerifyProgress): void =>
    console.live(`${feature}: ${counted(files, "data file")}, ${formatBytes(bytes)} read`);
  const report = await definitions.store.verify({ features, quick, outputFolders: [process.cwd()], signal, onProgress });
  console.live("");
  for (const { key, message } of report.notes)
    console.note(`${console.colors.dim("note:")} ${escapeControls(key)}: ${escapeControls(message)}`);
  for (const { kind, location } of report.leftovers)
    console.note(
      `${console.colors.dim("note:")} ${escapeControls(displayPath(location))}: left by a killed process (${kind}); remove it with mlforge prune --yes`,
    );
  console.print({
    document: report,
    text: () => toText(report, quick === true, performance.now() - started),
  });
  const { length } = report.problems;
  if (length > 0) console.note(summaryOf(report.problems, console));
  return length === 0 ? 0 : 1;
}

/** Formats the problems, each with its fix, and a summary. */
function toText({ features, versions, files, bytes, problems }: VerifyReport, quick: boolean, milliseconds: number): string {
  const what = `${counted(versions, "version")} of ${counted(features, "feature")}, ${counted(files, "file")}`;
  const how = quick ? `, ${formatBytes(bytes)}, sizes of data only` : `, ${formatBytes(bytes)}`;
  const told = `${what}${how}, in ${formatSeconds(milliseconds)}`;
  if (problems.length === 0) return `OK: ${told}`;
  return `${problems.map(problemText).join("\n\n")}\n\n${counted(problems.length, "problem")} in ${told}`;
}

function problemText({ kind, key, message, fix }: StoreProblem): string {
  return `${escapeControls(key)}  ${kind}\n  ${escapeControls(message)}\n  ${fix}`;
}

function summaryOf({ length }: readonly StoreProblem[], { colors }: Console): string {
  return `${colors.red("error:")} found ${counted(length, "problem")} in the store, each listed with its fix`;
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}
