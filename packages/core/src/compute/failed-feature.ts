import { causeOf, isMlforgeError, MlforgeError } from "@mlforge/spec";

/** A feature that could not be built. Nothing of it was published, and the other features were built. */
export interface FailedFeature {
  readonly feature: string;
  readonly error: MlforgeError;
}

/** Converts a thrown error to the result of a feature. Includes internal faults, so that the results of the other features are not lost. */
export function failedFeature(feature: string, thrown: unknown): FailedFeature {
  const error = causeOf(thrown);
  if (isMlforgeError(error)) return { feature, error };
  const message = error instanceof Error ? error.message : String(error);
  return { feature, error: new MlforgeError("UNEXPECTED", message, { where: feature }, { cause: error }) };
}
