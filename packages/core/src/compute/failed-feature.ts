import { isMlforgeError, MlforgeError } from "@mlforge/spec";

/** A feature that could not be built. Nothing of it was published, and the others went on. */
export interface FailedFeature {
  readonly feature: string;
  readonly error: MlforgeError;
}

/** What became of a feature for which `error` was thrown. A fault is one too: what became of the other features must not go with it. */
export function failedFeature(feature: string, error: unknown): FailedFeature {
  if (isMlforgeError(error)) return { feature, error };
  const message = error instanceof Error ? error.message : String(error);
  return { feature, error: new MlforgeError("UNEXPECTED", message, { where: feature }, { cause: error }) };
}
