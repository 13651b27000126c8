import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { greatest, least } from "../../src/define/least-greatest.js";
import { literal } from "../../src/define/literal.js";
import { relationOf } from "../../src/define/relation-builder.js";
import { aggregateSymbol, isAggregated, isTyped, valueSymbol } from "../../src/define/typed.js";
import { when } from "../../src/define/when.js";
import { everyKind } from "./every-kind.js";

const folder = dirname(fileURLToPath(import.meta.url));
const root = join(folder, "../../../..");
const virtualFile = join(folder, "checked-types.virtual.ts");

const head = `
import type { Column } from "@mlforge/spec";
import type { ColumnFrom, RowExprs } from "../../src/define/expr.js";
import { greatest, least } from "../../src/define/least-greatest.js";
import { literal } from "../../src/define/literal.js";
import type { Source } from "../../src/define/source.js";
import { when } from "../../src/define/when.js";
import type { everyKind } from "./every-kind.js";
declare const row: RowExprs<typeof everyKind extends Source<infer C, string | undefined> ? C : never>;
declare function columnOf<E>(expression: E): ColumnFrom<E>;
void [greatest, least, literal, when, row];
`;

/** What the TypeScript compiler says of each expression over `row`, a row of {@link everyKind}: `int64?`, or why it refuses it. */
export function typesByCompiler(expressions: readonly string[]): readonly string[] {
  const text = head + expressions.map((expression, index) => `export const e${index} = columnOf(${expression});`).join("\n");
  const { config } = ts.readConfigFile(join(root, "tsconfig.test.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [virtualFile] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => path === virtualFile || fileExists.call(host, path);
  host.readFile = (path) => (path === virtualFile ? text : readFile.call(host, path));
  const program = ts.createProgram([virtualFile], options, host);
  const file = program.getSourceFile(virtualFile);
  if (file === undefined) throw new TypeError("the file of expressions was not parsed");
  const refused = new Map<number, string>();
  const firstLine = head.split("\n").length - 1;
  for (const { start = 0, messageText } of program.getSemanticDiagnostics(file)) {
    refused.set(file.getLineAndCharacterOfPosition(start).line - firstLine, ts.flattenDiagnosticMessageText(messageText, " "));
  }
  const checker = program.getTypeChecker();
  const symbol = checker.getSymbolAtLocation(file);
  const types = new Map(
    symbol === undefined ? [] : checker.getExportsOfModule(symbol).map((each) => [each.name, checker.getTypeOfSymbol(each)]),
  );
  return expressions.map((_, index) => {
    const reason = refused.get(index);
    const type = types.get(`e${index}`);
    if (reason !== undefined || type === undefined) return `refused: ${reason}`;
    const [, kind, nullable] = /^Column<"(\w+)", (\w+), unknown>$/.exec(checker.typeToString(type)) ?? [];
    return kind === undefined ? checker.typeToString(type) : `${kind}${nullable === "false" ? "" : "?"}`;
  });
}

/** What the plan says of the same expressions: `int64?`, or why it refuses it. */
export function typesByPlan(expressions: readonly string[]): readonly string[] {
  const types: string[] = [];
  relationOf(everyKind, () => []).derive((row) => {
    for (const expression of expressions) types.push(typeByPlan(expression, row));
    return { done: row.s };
  });
  return types;
}

function typeByPlan(expression: string, row: unknown): string {
  try {
    const value: unknown = new Function("row", "when", "least", "greatest", "literal", `return ${expression}`)(
      row,
      when,
      least,
      greatest,
      literal,
    );
    const type = isTyped(value) ? value[valueSymbol].type : isAggregated(value) ? value[aggregateSymbol].type : undefined;
    return type === undefined ? "no expression" : `${type.kind}${type.nullable ? "?" : ""}`;
  } catch (error) {
    return `refused: ${error instanceof Error ? error.message : String(error)}`;
  }
}
