import { type Engine, MlforgeError, mapInputs, type Plan, type RollingOutput } from "@mlforge/spec";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import type { BuildContext } from "../sources/context.js";
import { requireEngine } from "../sources/require-engine.js";

/** Returns the engine that computes a feature. @throws CAPABILITY_MISSING if there is no engine, or if it cannot compute the feature */
export function engineFor(context: BuildContext, { feature, validators, computation }: ResolvedFeature): Engine {
  const does = validators.length > 0 ? "has validators, which need" : "needs";
  const engine = requireEngine(context, `feature "${feature.name}" ${does}`);
  const missing = rollingOutputs(computation).find((output) => !engine.capabilities.rolling.includes(output.function));
  if (missing === undefined) return engine;
  const able = engine.capabilities.rolling.join(", ") || "no aggregates";
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `the ${engine.name} engine cannot compute an exact ${missing.function} over windows, which "${missing.name}" needs; it supports ${able}`,
    { plugin: engine.name, capability: `rolling ${missing.function}` },
  );
}

function rollingOutputs(computation: ResolvedFeature["computation"]): readonly RollingOutput[] {
  if (computation.kind === "batches") return computation.rolling?.outputs ?? [];
  return outputsIn(computation.plan);
}

function outputsIn(plan: Plan): readonly RollingOutput[] {
  if (plan.op === "scan") return [];
  const found = plan.op === "rollingAggregate" ? [...plan.outputs] : [];
  mapInputs(
    plan,
    (input) => {
      found.push(...outputsIn(input));
      return input;
    },
    (scan) => scan,
  );
  return found;
}
