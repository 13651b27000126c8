import { type BuildEvent, type BuildProgress, explainOmitted, explainRule, type SyncEvent, type ValidationEvent } from "@mlforge/core";
import type { RuleResult } from "@mlforge/spec";
import { escapeControls } from "@mlforge/spec";
import type { Console } from "./console.js";
import { formatCount, formatSeconds } from "./quantity.js";
import { errorLine } from "./report-error.js";
import { volatileText } from "./time-notes.js";

type Event = BuildEvent | ValidationEvent | SyncEvent;

/** Reports the progress of a build, validation, or sync on stderr. */
export interface Progress {
  readonly step: (progress: BuildProgress) => void;
  readonly finish: (event: Event) => void;
}

/**
 * Shows one line on a terminal and replaces it as features progress. Otherwise prints a line for each finished feature. Always prints
 * failures and broken rules.
 */
export function openProgress(console: Console, total: number): Progress {
  const working = new Map<string, Work>();
  let ended = 0;
  return {
    step: ({ feature, step, fraction }) => {
      working.set(feature, { step, fraction, since: working.get(feature)?.since ?? performance.now() });
      console.live(liveLine(working, ended, total));
    },
    finish: (event) => {
      const { feature } = event.result;
      const seconds = formatSeconds(performance.now() - (working.get(feature)?.since ?? performance.now()));
      working.delete(feature);
      ended += 1;
      if (event.kind === "failed") console.note(errorLine(event.result.error, console, feature));
      else if (!console.isLive) console.note(finishedLine(event, seconds));
      for (const column of event.kind === "built" ? event.result.omitted : [])
        console.note(`${console.colors.yellow("warning:")} ${feature}: ${escapeControls(explainOmitted(column))}`);
      if (event.kind === "built" && event.result.volatile) console.note(`volatile: ${feature}: ${volatileText}`);
      if (event.kind === "built")
        for (const notice of event.result.notices)
          console.note(`${console.colors.yellow("warning:")} ${feature}: ${escapeControls(notice)}`);
      for (const rule of brokenRules(event)) console.note(ruleLine(rule, console, feature));
      console.live(liveLine(working, ended, total));
    },
  };
}

interface Work extends Pick<BuildProgress, "step" | "fraction"> {
  readonly since: number;
}

/** Formats the number of finished features and the steps of those past reading. If all are reading, shows only the first. */
function liveLine(working: ReadonlyMap<string, Work>, ended: number, total: number): string {
  if (working.size === 0) return "";
  const all = [...working];
  const busy = all.filter(([, { step }]) => step !== "reading");
  const shown = (busy.length === 0 ? all.slice(0, 1) : busy).map(
    ([feature, { step, fraction }]) => `${feature} ${step}${fraction === undefined ? "" : ` ${Math.floor(fraction * 100)}%`}`,
  );
  return `${ended} of ${total}: ${shown.join(", ")}`;
}

function finishedLine(event: Exclude<Event, { kind: "failed" }>, seconds: string): string {
  if (event.kind === "skipped") return `skipped ${event.result.feature} ${event.result.version}: ${event.result.reason}`;
  const { feature, rows } = event.result;
  const done = event.kind === "validated" ? `validated ${feature}` : `${doing[event.kind]} ${feature} ${event.result.version}`;
  return `${done}: ${formatCount(rows)} rows in ${seconds}`;
}

const doing = { built: "built", synced: "rebuilt" } as const;

function brokenRules(event: Event): readonly RuleResult[] {
  if (event.kind === "built") return event.result.warnings;
  return event.kind === "validated" ? event.result.rules.filter(({ passed }) => !passed) : [];
}

/** Formats a broken rule with some of the failing rows. */
function ruleLine(rule: RuleResult, { colors }: Console, feature: string): string {
  const label = rule.severity === "warn" ? colors.yellow("warning:") : colors.red("error:");
  return `${label} ${feature}: ${escapeControls(explainRule(rule))}`;
}
