import type { FeatureSelection } from "@mlforge/core";
import { MlforgeError } from "@mlforge/spec";

/** A feature selection from the command line, in the form that core takes. */
export type ChosenOnCommandLine = string | ChosenWithParts;

/** A feature with its version, prefix, and keys. */
type ChosenWithParts = Omit<FeatureSelection, "feature"> & { readonly feature: string };

/**
 * Reads `NAME[@VERSION] [as PREFIX] [on KEY=LABEL [and KEY=LABEL ...]]`.
 *
 * @throws USAGE_INVALID
 */
export function parseChoice(text: string): ChosenOnCommandLine {
  const [, reference = "", prefix, on] = /^(\S+)(?:\s+as\s+(\S+))?(?:\s+on\s+(.+))?$/.exec(text) ?? [];
  if (reference === "") throw invalid(text);
  if (prefix === undefined && on === undefined) return reference;
  const keys = on?.split(/\s+and\s+/).map((pair) => {
    const [, key, label] = /^([^\s=]+)\s*=\s*([^\s=]+)$/.exec(pair.trim()) ?? [];
    if (key === undefined || label === undefined) throw invalid(text);
    return [key, label] as const;
  });
  return {
    ...splitReference(reference),
    ...(prefix === undefined ? {} : { prefix }),
    ...(keys === undefined ? {} : { keys: Object.fromEntries(keys) }),
  };
}

/** Splits `NAME[@VERSION]`. */
export function splitReference(reference: string): ChosenWithParts {
  const at = reference.indexOf("@");
  return at === -1 ? { feature: reference } : { feature: reference.slice(0, at), version: reference.slice(at + 1) };
}

function invalid(text: string): MlforgeError<"USAGE_INVALID"> {
  const message = `${JSON.stringify(text)} is not a valid feature selection; write it as "user_stats as buyer_ on user_id=buyer_id"`;
  return new MlforgeError("USAGE_INVALID", message, { argument: "--features" });
}
