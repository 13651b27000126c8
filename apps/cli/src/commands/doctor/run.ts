import { describeError, indented } from "../../report-error.js";
import type { CommandContext } from "../../run-command.js";
import { clockFindings } from "./clock.js";
import { engineFindings } from "./engine.js";
import { nodeFindings } from "./node.js";
import { storeFindings } from "./store.js";

/** Flags of `mlforge doctor`. Each selects one check. */
export interface DoctorFlags {
  readonly node?: boolean | undefined;
  readonly engine?: boolean | undefined;
  readonly clock?: boolean | undefined;
  readonly store?: boolean | undefined;
}

/** The result of one check. */
export interface Findings {
  readonly document: object;
  readonly text: string;
  /** The problem and how to fix it, in one line. Undefined if the check passed. */
  readonly problem: string | undefined;
}

/** Lists the checks in display order. The name is both the flag and the key in the document. */
const examinations: readonly (readonly [name: keyof DoctorFlags, examine: (context: CommandContext) => Promise<Findings>])[] = [
  ["node", nodeFindings],
  ["engine", engineFindings],
  ["clock", clockFindings],
  ["store", storeFindings],
];

/** Runs the checks that the flags name, or all checks. Returns 1 if one finds a problem. */
export async function doctor(context: CommandContext, flags: DoctorFlags): Promise<0 | 1> {
  const { console } = context;
  const named = examinations.filter(([name]) => flags[name] === true);
  const found: (readonly [name: string, findings: Findings])[] = [];
  for (const [name, examine] of named.length === 0 ? examinations : named) found.push([name, await attempt(name, examine, context)]);
  console.print({
    document: Object.fromEntries(found.map(([name, { document }]) => [name, document])),
    text: () => inParagraphs(found.map(([, { text }]) => text)),
  });
  const problems = found.flatMap(([, { problem }]) => problem ?? []);
  for (const problem of problems) console.note(`${console.colors.red("error:")} ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

/** Runs a check. If it throws, reports that as its problem, so that the other checks still run. */
async function attempt(name: string, examine: (context: CommandContext) => Promise<Findings>, context: CommandContext): Promise<Findings> {
  try {
    return await examine(context);
  } catch (error) {
    context.signal.throwIfAborted();
    const { code, message } = describeError(error);
    return {
      document: { error: { code, message } },
      text: `${name}: could not be checked`,
      problem: `${name}: ${indented(message)} ${context.console.colors.dim(`[${code}]`)}`,
    };
  }
}

/** Joins texts, one per line. Puts blank lines around texts of several lines. */
function inParagraphs(texts: readonly string[]): string {
  return texts.map((text, index) => (index === 0 ? "" : isLong(text) || isLong(texts[index - 1] ?? "") ? "\n\n" : "\n") + text).join("");
}

function isLong(text: string): boolean {
  return text.includes("\n");
}
