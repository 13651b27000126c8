import { createRequire } from "node:module";
import * as v from "valibot";
import { machineSchema, thisMachine } from "./machine.js";
import { runNode } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { columnSets, type TypesProject, typesCalls, writeTypesProject } from "./types-project.js";

const caseSchema = v.object({
  features: v.number(),
  columns: v.picklist(columnSets),
  call: v.picklist(typesCalls),
  /** The number of types that the compiler made, which is the same on every machine. */
  instantiations: v.number(),
  /** Seconds of the compiler's check. */
  check: v.number(),
  /** Bytes that the compiler held. */
  memory: v.number(),
});

export const typesResultsSchema = v.object({ machine: machineSchema, cases: v.array(caseSchema) });

export type TypesResults = v.InferOutput<typeof typesResultsSchema>;

/** Compiles a generated project for each case. A project contains statements about the types of its rows, so a wrong type fails the benchmark. */
export async function benchTypes(projects: readonly TypesProject[], log: (line: string) => void): Promise<TypesResults> {
  const machine = thisMachine();
  const cases: v.InferOutput<typeof caseSchema>[] = [];
  for (const project of projects) {
    log(`${project.features} features, ${project.columns}, ${project.call}`);
    cases.push({ ...project, ...(await compile(project)) });
  }
  return { machine, cases };
}

async function compile(
  project: TypesProject,
): Promise<{ readonly instantiations: number; readonly check: number; readonly memory: number }> {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { output } = await inScratchFolder(async (folder) => {
    writeTypesProject(folder, project);
    return await runNode([tsc, "--project", folder, "--extendedDiagnostics"]);
  });
  const found = (name: string): number => {
    const value = new RegExp(`^${name}: +([\\d.]+)[Ks]?$`, "m").exec(output)?.[1];
    if (value === undefined) throw new Error(`tsc does not print "${name}":\n${output}`);
    return Number(value);
  };
  return { instantiations: found("Instantiations"), check: found("Check time"), memory: found("Memory used") * 1024 };
}
