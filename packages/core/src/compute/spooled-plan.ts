import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plan } from "@mlforge/spec";
import type { PreparedFeature } from "../resolve/prepare.js";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import type { BuildContext } from "../sources/context.js";
import { computeBatches } from "./compute-batches.js";

type Batches = Pick<Extract<ResolvedFeature["computation"], { readonly kind: "batches" }>, "columns" | "rolling">;

interface SpoolOptions {
  /** A local folder to write into. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** Writes the output of a TypeScript function to a file and returns a plan that reads it. */
export async function spooledPlan(prepared: PreparedFeature, context: BuildContext, options: SpoolOptions): Promise<Plan> {
  const { feature, computation } = prepared.resolved;
  if (computation.kind !== "batches") throw new TypeError(`feature "${feature.name}" is not a function over batches`);
  const path = join(options.folder, "function.parquet");
  await computeBatches(prepared, context, { signal: options.signal, path, sorted: false });
  return spooledRows(feature.name, computation, [pathToFileURL(path).href]);
}

/** Returns the plan that reads the output of a TypeScript function from files. */
export function spooledRows(source: string, { columns, rolling }: Batches, paths: readonly string[]): Plan {
  const rows: Plan = { op: "scan", source, format: { kind: "parquet" }, paths, columns };
  return rolling === undefined ? rows : { ...rolling, input: rows };
}
