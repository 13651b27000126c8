import type { Engine, Plan } from "@mlforge/spec";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import type { BuildContext } from "../sources/context.js";
import { requireEngine } from "../sources/require-engine.js";
import { expectComputes } from "./capabilities-needed.js";
import { spooledRows } from "./spooled-plan.js";

/** Returns the engine that computes a feature. @throws CAPABILITY_MISSING if there is no engine, or if it cannot compute the feature */
export function engineFor(context: BuildContext, { feature, validators, computation }: ResolvedFeature): Engine {
  const does = validators.length > 0 ? "has validators, which need" : "needs";
  const engine = requireEngine(context, `feature "${feature.name}" ${does}`);
  const plan: Plan = computation.kind === "plan" ? computation.plan : spooledRows(feature.name, computation, []);
  expectComputes(engine, plan, `feature "${feature.name}"`);
  return engine;
}
