import { type BuildEvent, type BuildProgress, explainRule, type ValidationEvent } from "@mlforge/core";
import type { RuleResult } from "@mlforge/spec";
import type { Console } from "./console.js";
import { formatCount, formatSeconds } from "./quantity.js";
import { errorLine } from "./report-error.js";

type Event = BuildEvent | ValidationEvent;

/** Tells on stderr how a build or a validation goes. */
export interface Progress {
  readonly step: (progress: BuildProgress) => void;
  readonly finish: (event: Event) => void;
}

/**
 * On a terminal one line that changes while a feature is worked on; a line for each finished feature otherwise. Failures and broken rules
 * are always told.
 */
export function openProgress(console: Console): Progress {
  let started = performance.now();
  return {
    step: ({ feature, step, fraction }) => {
      console.live(`${feature}: ${step}${fraction === undefined ? "" : ` ${Math.floor(fraction * 100)} %`}`);
    },
    finish: (event) => {
      const seconds = formatSeconds(performance.now() - started);
      started = performance.now();
      console.live("");
      if (event.kind === "failed") console.note(errorLine(event.result.error, console, event.result.feature));
      else if (!console.isLive) console.note(finishedLine(event, seconds));
      for (const rule of brokenRules(event)) console.note(ruleLine(rule, console, event.result.feature));
    },
  };
}

function finishedLine(event: Exclude<Event, { kind: "failed" }>, seconds: string): string {
  if (event.kind === "skipped") return `skipped ${event.result.feature} ${event.result.version}: ${event.result.reason}`;
  const { feature, rows } = event.result;
  const done = event.kind === "built" ? `built ${feature} ${event.result.version}` : `validated ${feature}`;
  return `${done}: ${formatCount(rows)} rows in ${seconds}`;
}

function brokenRules(event: Event): readonly RuleResult[] {
  if (event.kind === "built") return event.result.warnings;
  return event.kind === "validated" ? event.result.rules.filter(({ passed }) => !passed) : [];
}

/** A broken rule for people, with some of the rows that fail. */
function ruleLine(rule: RuleResult, { colors }: Console, feature: string): string {
  const label = rule.severity === "warn" ? colors.yellow("warning:") : colors.red("error:");
  return `${label} ${feature}: ${explainRule(rule)}`;
}
