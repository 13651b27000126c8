import type { RuleResult } from "@mlforge/spec";
import { computeFeature } from "../compute/compute.js";
import { eachFeature } from "../compute/each-feature.js";
import type { FailedFeature } from "../compute/failed-feature.js";
import { localOutput } from "../compute/output.js";
import type { BuildProgress } from "../compute/stopwatch.js";
import type { AnyFeature } from "../define/any-feature.js";
import { prepareFeature } from "../resolve/prepare.js";
import type { BuildContext } from "../sources/context.js";
import { KnownSources } from "../sources/known-sources.js";
import { expectUnchanged } from "../sources/source-files.js";
import { openTemporary } from "../sources/staging.js";
import type { BuildRequest } from "./request.js";

/** The results of the validators of each feature. */
export interface ValidationReport {
  readonly validated: readonly ValidatedFeature[];
  readonly failed: readonly FailedFeature[];
}

/** A feature whose rows were computed and whose keys are valid. */
export interface ValidatedFeature {
  readonly feature: string;
  readonly rows: number;
  /** True if a build would publish these rows: every rule of severity `error` passed. */
  readonly passed: boolean;
  /** The results in the order of the validators. Empty if the feature has none. */
  readonly rules: readonly RuleResult[];
}

export type ValidationEvent =
  | { readonly kind: "validated"; readonly result: ValidatedFeature }
  | { readonly kind: "failed"; readonly result: FailedFeature };

type ValidationRequest = Pick<BuildRequest, "signal" | "onProgress" | "concurrency">;

/** Computes and validates features concurrently. Records a failure and continues with the other features. An abort stops all of them. */
export async function validateFeatures(
  features: readonly AnyFeature[],
  context: BuildContext,
  request: ValidationRequest,
  onFeature?: (event: ValidationEvent) => void,
): Promise<ValidationReport> {
  const { signal, concurrency = context.engine?.capabilities.concurrency ?? 1 } = request;
  await using known = new KnownSources(context, { reads: "now" });
  const settled = await eachFeature(
    features,
    (feature, either) => validateFeature(feature, context, known, { ...request, signal: either }),
    {
      concurrency,
      signal,
      onSettled: (each) => {
        if (each.kind === "done") onFeature?.({ kind: "validated", result: each.result });
        else if (each.kind === "failed") onFeature?.(each);
      },
    },
  );
  return {
    validated: settled.flatMap((each) => (each.kind === "done" ? [each.result] : [])),
    failed: settled.flatMap((each) => (each.kind === "failed" ? [each.result] : [])),
  };
}

async function validateFeature(
  feature: AnyFeature,
  context: BuildContext,
  known: KnownSources,
  request: ValidationRequest,
): Promise<ValidatedFeature> {
  const { signal } = request;
  const report = (step: BuildProgress["step"], fraction?: number): void => request.onProgress?.({ feature: feature.name, step, fraction });
  report("reading");
  const prepared = await prepareFeature(feature, known, signal);
  report("computing");
  await using staging = await openTemporary();
  const { rows, validation } = await computeFeature(prepared, context, { output: localOutput(staging.path), signal, onStep: report });
  await expectUnchanged([...prepared.sources.values()], signal);
  const passed = validation.every((rule) => rule.passed || rule.severity === "warn");
  return { feature: feature.name, rows, passed, rules: validation };
}
