import { describeError, indented } from "../report-error.js";
import type { CommandContext } from "../run-command.js";
import { clockFindings } from "./doctor-clock.js";
import { engineFindings } from "./doctor-engine.js";
import { nodeFindings } from "./doctor-node.js";
import { storeFindings } from "./doctor-store.js";

/** What `mlforge doctor` can look at, each by its own flag. */
export interface DoctorFlags {
  readonly node?: boolean | undefined;
  readonly engine?: boolean | undefined;
  readonly clock?: boolean | undefined;
  readonly store?: boolean | undefined;
}

/** What was found of one thing. */
export interface Findings {
  readonly document: object;
  readonly text: string;
  /** What is wrong and what to do about it, in one line; undefined where all is well. */
  readonly problem: string | undefined;
}

/** In the order in which they are shown. The name is that of the flag, and the key in the document. */
const examinations: readonly (readonly [name: keyof DoctorFlags, examine: (context: CommandContext) => Promise<Findings>])[] = [
  ["node", nodeFindings],
  ["engine", engineFindings],
  ["clock", clockFindings],
  ["store", storeFindings],
];

/** Looks at what the flags name, or at everything. Ends with 1 where something is wrong. */
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

/** What cannot be looked at is found wrong, and the others are still looked at. */
async function attempt(name: string, examine: (context: CommandContext) => Promise<Findings>, context: CommandContext): Promise<Findings> {
  try {
    return await examine(context);
  } catch (error) {
    context.signal.throwIfAborted();
    const { code, message } = describeError(error);
    return {
      document: { error: { code, message } },
      text: `${name}: it could not be looked at`,
      problem: `${name}: ${indented(message)} ${context.console.colors.dim(`[${code}]`)}`,
    };
  }
}

/** What takes one line is told line by line; around what takes more there is a blank one. */
function inParagraphs(texts: readonly string[]): string {
  return texts.map((text, index) => (index === 0 ? "" : isLong(text) || isLong(texts[index - 1] ?? "") ? "\n\n" : "\n") + text).join("");
}

function isLong(text: string): boolean {
  return text.includes("\n");
}
