import type { CallOptions, PermissionCheck, Store } from "@mlforge/spec";

/** What an offline store is used for. */
export type StoreJob = PermissionCheck["neededFor"][number];

/** Whether the present credentials suffice for a job. */
export interface JobReport {
  readonly job: StoreJob;
  /** `denied` if any action it needs is; else `unknown` if that of any is, or if nothing was tried for it; else `allowed`. */
  readonly outcome: PermissionCheck["outcome"];
  /** The actions it needs that are denied or unknown. */
  readonly missingPermissions: readonly string[];
}

/** What the present credentials may do in the offline store. */
export interface StoreReport {
  /** The name of the store, such as `s3`. */
  readonly store: string;
  /** For building, training and serving, in this order. */
  readonly jobs: readonly JobReport[];
  /** What was tried, as the store tells it. Empty where the store has nothing to try. */
  readonly checks: readonly PermissionCheck[];
  /** Whether every action that any job needs is allowed; so also where there is nothing to try. */
  readonly passed: boolean;
}

const jobs: readonly StoreJob[] = ["build", "training", "serving"];

/** Lets a store try what it may do, and says for which jobs that is enough. */
export async function checkStore(store: Store, options: CallOptions): Promise<StoreReport> {
  options.signal?.throwIfAborted();
  const checks = (await store.diagnose?.(options)) ?? [];
  return {
    store: store.name,
    jobs: jobs.map((job) => reportJob(job, checks)),
    checks,
    passed: checks.every(({ outcome, neededFor }) => outcome === "allowed" || neededFor.length === 0),
  };
}

function reportJob(job: StoreJob, checks: readonly PermissionCheck[]): JobReport {
  const needed = checks.filter(({ neededFor }) => neededFor.includes(job));
  const lacking = needed.filter(({ outcome }) => outcome !== "allowed");
  return { job, outcome: worst(needed), missingPermissions: [...new Set(lacking.map(({ action }) => action))] };
}

function worst(checks: readonly PermissionCheck[]): PermissionCheck["outcome"] {
  if (checks.some(({ outcome }) => outcome === "denied")) return "denied";
  return checks.length === 0 || checks.some(({ outcome }) => outcome === "unknown") ? "unknown" : "allowed";
}
