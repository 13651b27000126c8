import type { JobReport, StoreReport } from "@mlforge/core";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";
import type { Findings } from "./run.js";

/** Tests what the current credentials allow in the offline store. */
export async function storeFindings({ definitions, console, signal }: CommandContext): Promise<Findings> {
  const report = await definitions.store.diagnose({ signal });
  return { document: toDocument(report), text: toText(report, console.width), problem: problemOf(report) };
}

function toDocument({ store, passed, jobs, checks }: StoreReport): object {
  return {
    name: store,
    passed,
    jobs: jobs.map(({ job, outcome, missingPermissions }) => ({ job, outcome, missing_permissions: missingPermissions })),
    checks: checks.map(({ action, outcome, neededFor, message }) => ({ action, outcome, needed_for: neededFor, message })),
  };
}

/** Formats a row for each action and a line for each job. */
function toText({ store, checks, jobs }: StoreReport, width: number): string {
  if (checks.length === 0) return `store ${store}: nothing to test`;
  const table = renderTable(
    [{ title: "ACTION" }, { title: "OUTCOME" }, { title: "NEEDED FOR" }, { title: "DETAILS", wrap: true }],
    checks.map(({ action, outcome, neededFor, message }) => [action, outcome, neededFor.join(", ") || "no job", message]),
    width,
  );
  return `${table}\n\n${jobs.map(jobLine).join("\n")}`;
}

function jobLine({ job, outcome, missingPermissions }: JobReport): string {
  const told = {
    allowed: "allowed",
    denied: `needs ${missingPermissions.join(", ")}`,
    unknown: `unknown, needs ${missingPermissions.join(", ")}`,
  };
  return `${job}: ${outcome === "unknown" && missingPermissions.length === 0 ? "unknown, nothing was tested for it" : told[outcome]}`;
}

function problemOf({ store, passed, checks }: StoreReport): string | undefined {
  if (passed) return undefined;
  const lacking = (wanted: "denied" | "unknown"): string[] => {
    const found = checks.filter(({ outcome, neededFor }) => outcome === wanted && neededFor.length > 0);
    return found.length === 0 ? [] : [`${wanted}: ${[...new Set(found.map(({ action }) => action))].join(", ")}`];
  };
  return `store ${store}: ${[...lacking("denied"), ...lacking("unknown")].join("; ")}; grant the permissions that your jobs need and try again`;
}
