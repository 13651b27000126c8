import type { CallOptions, PermissionCheck, Store } from "@mlforge/spec";

/** A job that an offline store is used for, such as building. */
export type StoreJob = PermissionCheck["neededFor"][number];

/** The result for one job: whether the current credentials are sufficient. */
export interface JobReport {
  readonly job: StoreJob;
  /** `denied` if any required permission is denied; otherwise `unknown` if any is unknown or nothing was tested; otherwise `allowed`. */
  readonly outcome: PermissionCheck["outcome"];
  /** The required permissions that are denied or unknown. */
  readonly missingPermissions: readonly string[];
}

/** The permissions of the current credentials in the offline store. */
export interface StoreReport {
  /** The name of the store, such as `s3`. */
  readonly store: string;
  /** For building, training, and serving, in this order. */
  readonly jobs: readonly JobReport[];
  /** The tests that the store ran. Empty if the store has nothing to test. */
  readonly checks: readonly PermissionCheck[];
  /** True if every permission that any job requires is allowed, or if there is nothing to test. */
  readonly passed: boolean;
}

const jobs: readonly StoreJob[] = ["build", "training", "serving"];

/** Lets a store test its permissions, and determines the jobs for which they are sufficient. */
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
