import { type Engine, MlforgeError, type Plan } from "@mlforge/spec";
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
  const divided: Plan = { op: "rowChecksums", input: plan, by: [] };
  expectComputes(engine, feature.partition === undefined ? plan : divided, `feature "${feature.name}"`);
  if (feature.partition !== undefined) expectFiles(engine, feature.name);
  return engine;
}

/** Checks that an engine writes the file of each period. @throws CAPABILITY_MISSING */
function expectFiles({ name: plugin, capabilities }: Engine, feature: string): void {
  if (capabilities.output !== "folder") return;
  const message = `feature "${feature}" has a partition, which needs an engine that writes single files, but the ${plugin} engine writes folders; remove partition, or use another engine`;
  throw new MlforgeError("CAPABILITY_MISSING", message, { plugin, capability: "output file" });
}
