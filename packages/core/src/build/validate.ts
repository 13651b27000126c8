import type { RuleResult } from "@mlforge/spec";
import type { AnyFeature } from "../define/feature.js";
import { computeFeature } from "./compute.js";
import type { BuildContext, BuildProgress, BuildRequest } from "./context.js";
import { type FailedFeature, failedFeature } from "./failed-feature.js";
import { prepareFeature } from "./prepare.js";
import { expectUnchanged } from "./source-files.js";
import { openStaging } from "./staging.js";

/** What became of the validators of each feature. */
export interface ValidationReport {
  readonly validated: readonly ValidatedFeature[];
  readonly failed: readonly FailedFeature[];
}

/** A feature whose rows were computed and whose keys are right. */
export interface ValidatedFeature {
  readonly feature: string;
  readonly rows: number;
  /** Whether a build would publish these rows: every rule of severity `error` passed. */
  readonly passed: boolean;
  /** In the order of its validators; none where it has none. */
  readonly rules: readonly RuleResult[];
}

export type ValidationEvent =
  | { readonly kind: "validated"; readonly result: ValidatedFeature }
  | { readonly kind: "failed"; readonly result: FailedFeature };

type ValidationRequest = Pick<BuildRequest, "signal" | "onProgress">;

/** Computes and validates features one after another. A failure is recorded and the next feature goes on; an abort ends it all. */
export async function validateFeatures(
  features: readonly AnyFeature[],
  context: BuildContext,
  request: ValidationRequest,
  onFeature?: (event: ValidationEvent) => void,
): Promise<ValidationReport> {
  const validated: ValidatedFeature[] = [];
  const failed: FailedFeature[] = [];
  for (const feature of features) {
    const event = await settle(feature, context, request);
    if (event.kind === "validated") validated.push(event.result);
    else failed.push(event.result);
    onFeature?.(event);
  }
  return { validated, failed };
}

async function settle(feature: AnyFeature, context: BuildContext, request: ValidationRequest): Promise<ValidationEvent> {
  request.signal?.throwIfAborted();
  try {
    return { kind: "validated", result: await validateFeature(feature, context, request) };
  } catch (error) {
    request.signal?.throwIfAborted();
    return { kind: "failed", result: failedFeature(feature.name, error) };
  }
}

async function validateFeature(feature: AnyFeature, context: BuildContext, request: ValidationRequest): Promise<ValidatedFeature> {
  const { signal } = request;
  const report = (step: BuildProgress["step"], fraction?: number): void => request.onProgress?.({ feature: feature.name, step, fraction });
  report("reading");
  const prepared = await prepareFeature(feature, context, signal);
  report("computing");
  await using staging = await openStaging(context.store);
  const { rows, validation } = await computeFeature(prepared, context, { folder: staging.path, signal, onStep: report });
  await expectUnchanged([...prepared.sources.values()], signal);
  const passed = validation.every((rule) => rule.passed || rule.severity === "warn");
  return { feature: feature.name, rows, passed, rules: validation };
}
