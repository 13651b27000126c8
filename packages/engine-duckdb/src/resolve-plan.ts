import { MlforgeError, type Plan, type Sql, typeText } from "@mlforge/spec";
import { compileQuery, type Kind } from "@mlforge/sql";
import { columnKind, holds } from "./column-kind.js";
import { describeRelation } from "./describe-relation.js";
import { duckdb } from "./dialect/duckdb.js";
import { engineError, type SourceFile } from "./engine-error.js";
import { checkQuery } from "./query/check-query.js";
import { resolveScan } from "./resolve-scan.js";
import type { Session } from "./session.js";

/** A plan whose scans state their columns and whose SQL returns the declared ones. */
export interface ResolvedPlan {
  readonly plan: Plan;
  readonly unsupported: readonly { readonly name: string; readonly type: string }[];
  readonly sources: readonly SourceFile[];
}

/** Inspects the files of a plan and binds its SQL, to find every mismatch before rows are read. */
export async function resolvePlan(plan: Plan, session: Session): Promise<ResolvedPlan> {
  switch (plan.op) {
    case "scan": {
      const { scan, unsupported, sources } = await resolveScan(plan, session);
      return { plan: scan, unsupported: unsupported.map(({ name, type }) => ({ name, type })), sources };
    }
    case "values":
      return { plan, unsupported: [], sources: [] };
    case "join":
    case "asOfJoin": {
      const left = await resolvePlan(plan.left, session);
      const right = await resolvePlan(plan.right, session);
      return joined({ ...plan, left: left.plan, right: right.plan }, [left, right]);
    }
    case "union": {
      const inputs = [];
      for (const input of plan.inputs) inputs.push(await resolvePlan(input, session));
      return joined({ ...plan, inputs: inputs.map((input) => input.plan) }, inputs);
    }
    case "zip": {
      const inputs = [];
      for (const scan of plan.inputs) inputs.push(await resolveScan(scan, session));
      return {
        plan: { ...plan, inputs: inputs.map(({ scan }) => scan) },
        unsupported: [],
        sources: inputs.flatMap(({ sources }) => sources),
      };
    }
    case "sql": {
      const inputs = [];
      for (const [name, input] of Object.entries(plan.inputs)) inputs.push([name, await resolvePlan(input, session)] as const);
      const resolved = joined(
        { ...plan, query: plan.query.replace(/;\s*$/, ""), inputs: Object.fromEntries(inputs.map(([name, input]) => [name, input.plan])) },
        inputs.map(([, input]) => input),
      );
      await checkSql(resolved.plan, resolved.sources, session);
      return resolved;
    }
    default: {
      const input = await resolvePlan(plan.input, session);
      return { ...input, plan: { ...plan, input: input.plan } };
    }
  }
}

function joined<P extends Plan>(plan: P, inputs: readonly ResolvedPlan[]): ResolvedPlan & { readonly plan: P } {
  return { plan, unsupported: inputs.flatMap((input) => input.unsupported), sources: inputs.flatMap((input) => input.sources) };
}

const where = "the SQL transform";

async function checkSql(plan: Sql, sources: readonly SourceFile[], session: Session): Promise<void> {
  const found = await nativeColumns(plan, sources, session);
  const problems = [];
  for (const column of plan.columns) {
    const type = found.find(({ name }) => name === column.name)?.type;
    if (type === undefined) problems.push(`it gives no column "${column.name}", but ${found.map(({ name }) => name).join(", ")}`);
    else if (!fits(column, type)) problems.push(`column "${column.name}" is ${type}, declared ${typeText(column)}; cast it`);
  }
  const declared = new Set(plan.columns.map(({ name }) => name));
  for (const { name, type } of found) if (!declared.has(name)) problems.push(`it gives "${name}" (${type}), which is not declared`);
  if (problems.length === 0) return;
  const message = `${where} gives other columns than declared: ${problems.join("; ")}; correct the query or the declared columns`;
  throw new MlforgeError("SCHEMA_MISMATCH", message, { where, problems });
}

/** Checks the text of a query before DuckDB binds it, because binding opens the files that a query names. */
async function nativeColumns(plan: Sql, sources: readonly SourceFile[], session: Session): ReturnType<typeof describeRelation> {
  try {
    checkQuery(await session.queries.read(plan.query, where, session), plan);
    return await describeRelation(compileQuery(plan, duckdb), session);
  } catch (error) {
    throw engineError(error, { where, sources });
  }
}

/** Returns true if a result can be converted: without loss, or between numbers with a range check, because a query states its intent. */
function fits(column: Kind, type: string): boolean {
  const found = columnKind(type);
  if (found === undefined || type.includes("MAP(")) return false;
  const isInteger = found.kind === "int32" || found.kind === "int64" || (found.kind === "decimal" && found.scale === 0);
  switch (column.kind) {
    case "int32":
    case "int64":
      return isInteger;
    case "float32":
    case "float64":
      return isInteger || found.kind === "decimal" || found.kind === "float32" || found.kind === "float64";
    default:
      return holds(column, found);
  }
}
