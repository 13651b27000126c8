import { MlforgeError } from "@mlforge/spec";
import { definitionInvalid } from "../define/definition-issues.js";
import type { FailedFeature } from "./failed-feature.js";

/** A feature, or work on one, with the features that it reads. */
export interface Layered {
  readonly name: string;
  readonly upstreams: readonly { readonly name: string }[];
}

/**
 * Groups features so that each one comes after the features among them that it reads. Keeps their order in each group.
 *
 * @throws DEFINITION_INVALID if they read each other in a circle
 */
export function layersOf<T extends Layered>(features: readonly T[]): readonly (readonly T[])[] {
  const layers: T[][] = [];
  let waiting = features;
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ name }) => name));
    const isReady = ({ upstreams }: T): boolean => upstreams.every(({ name }) => !names.has(name));
    const ready = waiting.filter(isReady);
    if (ready.length === 0) throw definitionInvalid("features", `the features ${[...names].join(", ")} read each other in a circle`);
    layers.push(ready);
    waiting = waiting.filter((each) => !ready.includes(each));
  }
  return layers;
}

/** Separates the features that can be computed from those that read a feature that failed. */
export function withoutFailed<T extends Layered>(
  layer: readonly T[],
  failures: readonly FailedFeature[],
): { readonly ready: readonly T[]; readonly blocked: readonly { readonly kind: "failed"; readonly result: FailedFeature }[] } {
  const failed = new Map(failures.map((each) => [each.feature, each]));
  const ready: T[] = [];
  const blocked: { readonly kind: "failed"; readonly result: FailedFeature }[] = [];
  for (const each of layer) {
    const cause = each.upstreams.map(({ name }) => failed.get(name)).find((found) => found !== undefined);
    if (cause === undefined) ready.push(each);
    else blocked.push({ kind: "failed", result: { feature: each.name, error: upstreamFailed(each.name, cause) } });
  }
  return { ready, blocked };
}

function upstreamFailed(feature: string, { feature: upstream, error }: FailedFeature): MlforgeError<"UPSTREAM_FAILED"> {
  const message = `feature "${feature}" reads feature "${upstream}", which failed [${error.code}]; nothing was done`;
  return new MlforgeError("UPSTREAM_FAILED", message, { feature, upstream }, { cause: error });
}
