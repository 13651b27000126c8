import { MlforgeError, type Sql, suggest } from "@mlforge/spec";
import { outsideFunctions, tableFunctions, volatileColumns, volatileFunctions } from "./function-names.js";
import { folded, type Statement } from "./statement.js";

/**
 * Refuses a query that reads anything but its inputs, or that is volatile without saying so.
 *
 * @throws DEFINITION_INVALID, which lists every problem
 */
export function checkQuery(statement: Statement, plan: Sql): void {
  const problems = new Set([
    ...tableProblems(statement, Object.keys(plan.inputs)),
    ...functionProblems(statement),
    ...(plan.volatile === true ? [] : volatileProblems(statement)),
    ...statement.unknown.map((part) => `${part} is not supported; write one SELECT over the inputs`),
  ]);
  if (problems.size === 0) return;
  const issues = [...problems].map((message) => ({ path: "sql", message }));
  throw new MlforgeError("DEFINITION_INVALID", `the SQL transform ${[...problems].join("; ")}`, { issues });
}

function tableProblems({ tables }: Statement, inputs: readonly string[]): readonly string[] {
  const declared = new Set(inputs.map(folded));
  return tables.flatMap(({ name, qualifiers }) => {
    if (qualifiers.length === 0 && declared.has(folded(name))) return [];
    const shown = JSON.stringify([...qualifiers, name].join("."));
    if (declared.has(folded(name))) return [`reads ${shown}; write the input as ${JSON.stringify(name)}, without a schema`];
    const advice = "declare it as a source and pass it in the inputs of the transform";
    return [`reads ${shown}, which is not one of its inputs (${inputs.join(", ")}); ${suggest(name, inputs, advice)}`];
  });
}

function functionProblems({ functions, tableFunctions: called }: Statement): readonly string[] {
  const outside = functions.filter(({ name }) => outsideFunctions.has(folded(name)));
  const tables = called.filter((name) => !tableFunctions.has(folded(name)));
  return [
    ...tables.map(
      (name) => `calls ${name}(), which can read more than its inputs; declare a source and pass it in the inputs of the transform`,
    ),
    ...outside.map(({ name }) => `calls ${name}(), which depends on the engine and not on the inputs; remove it`),
  ];
}

function volatileProblems({ functions, columns, samples, zonedTimes }: Statement): readonly string[] {
  const advice = "remove it, or declare the transform volatile: true";
  // With two timestamps, age() subtracts. With one, it counts from today.
  const called = functions.filter(({ name, count }) => volatileFunctions.has(folded(name)) || (folded(name) === "age" && count < 2));
  return [
    ...called.map(({ name }) => `calls ${name}(), whose result changes from build to build; ${advice}`),
    ...columns
      .filter((name) => volatileColumns.has(folded(name)))
      .map((name) => `uses ${name}, the current time; ${advice}; if it is a column, write its table before it`),
    // AT TIME ZONE gives such a time the offset of the current day.
    ...(zonedTimes ? [`uses TIMETZ, whose offset can depend on the current day; ${advice}`] : []),
    ...(samples ? [`samples rows at random; ${advice}`] : []),
  ];
}
