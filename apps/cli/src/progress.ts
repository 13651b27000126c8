import type { BuildEvent, BuildProgress } from "@mlforge/core";
import type { Console } from "./console.js";
import { formatCount, formatSeconds } from "./quantity.js";
import { errorLine } from "./report-error.js";

/** Tells on stderr how a build goes. */
export interface Progress {
  readonly step: (progress: BuildProgress) => void;
  readonly finish: (event: BuildEvent) => void;
}

/** On a terminal one line that changes while a feature is built; a line for each finished feature otherwise. Failures are always told. */
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
    },
  };
}

function finishedLine(event: Exclude<BuildEvent, { kind: "failed" }>, seconds: string): string {
  if (event.kind === "skipped") return `skipped ${event.result.feature} ${event.result.version}: ${event.result.reason}`;
  const { feature, version, rows } = event.result;
  return `built ${feature} ${version}: ${formatCount(rows)} rows in ${seconds}`;
}
