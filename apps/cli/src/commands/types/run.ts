import { type ColumnDifference, type DescribedSource, explainOmitted, type SourceReport } from "@mlforge/core";
import { escapeControls, type NamedColumn, typeText } from "@mlforge/spec";
import type { Console } from "../../console.js";
import { describeColumn } from "../../describe.js";
import { calledPath, displayPath } from "../../display-path.js";
import { errorLine } from "../../report-error.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";
import { columnLines } from "../../typescript-text.js";
import { readColumnsFile, writeColumnsFile } from "./columns-file.js";
import { columnsModule } from "./columns-module.js";

export interface TypesFlags {
  readonly sources?: readonly string[] | undefined;
  readonly check?: boolean | undefined;
  readonly out?: string | undefined;
}

/** The outcome for the file of `--out`. */
interface OutFile {
  readonly path: string;
  readonly outcome: "written" | "current" | "stale";
}

/** Prints or writes the columns found in source files, or compares them with the declared ones. */
export async function types({ definitions, console, signal }: CommandContext, flags: TypesFlags): Promise<0 | 1> {
  const path = flags.out === undefined ? undefined : calledPath(flags.out);
  const before = path === undefined ? undefined : await readColumnsFile(path);
  const report = await definitions.describeSources({ sources: flags.sources, signal });
  for (const { source, error } of report.failed) console.note(errorLine(error, console, `source "${source}"`));
  for (const column of report.described.flatMap(({ omitted }) => omitted))
    console.note(`${console.colors.yellow("warning:")} ${escapeControls(explainOmitted(column))}`);
  const out = path === undefined || report.failed.length > 0 ? undefined : await outFile(path, before, report, flags, signal);
  const differs = flags.check === true && (out?.outcome === "stale" || report.described.some(({ passed }) => !passed));
  console.print({
    document: toDocument(report, out),
    text: () => (flags.check === true ? checkText(report, out, console) : out === undefined ? literalsText(report) : outText(out)),
  });
  if (differs) console.note(advice(report, out, flags, console));
  return differs || report.failed.length > 0 ? 1 : 0;
}

async function outFile(
  path: string,
  before: string | undefined,
  { described }: SourceReport,
  { check = false }: TypesFlags,
  signal: AbortSignal,
): Promise<OutFile> {
  const text = columnsModule(described);
  if (text === before) return { path, outcome: "current" };
  if (check) return { path, outcome: "stale" };
  await writeColumnsFile(path, text, signal);
  return { path, outcome: "written" };
}

function toDocument({ described, failed }: SourceReport, out: OutFile | undefined): object {
  return {
    sources: described.map(({ source, declares, passed, columns, omitted, differences }) => ({
      source,
      declares,
      passed,
      columns: columns.map((column) => ({ ...describeColumn(column), encoding: column.encoding ?? null })),
      omitted: omitted.map(({ column, type }) => ({ column, type })),
      differences: differences.map(({ column, difference, declared, found, message }) => ({
        column,
        difference,
        declared: declared === undefined ? null : describeColumn(declared),
        found: found === undefined ? null : describeColumn(found),
        message: message ?? null,
      })),
    })),
    failed: failed.map(({ source, error: { code, message } }) => ({ source, error: { code, message } })),
    out: out ?? null,
  };
}

function literalsText({ described }: SourceReport): string {
  return described
    .map(
      ({ source, columns }) =>
        `// ${escapeControls(source)}\ncolumns: {\n${columnLines(columns)
          .map((line) => `  ${line}\n`)
          .join("")}},`,
    )
    .join("\n\n");
}

function outText({ path, outcome }: OutFile): string {
  return outcome === "written" ? `wrote ${displayPath(path)}` : `${displayPath(path)} is up to date`;
}

const words: Readonly<Record<ColumnDifference["difference"], string>> = {
  missing: "missing",
  kind: "different kind",
  read_as: "read as declared",
  extra: "not declared",
};

function checkText({ described }: SourceReport, out: OutFile | undefined, { width }: Console): string {
  const rows = described.flatMap(sourceRows);
  const columns = [{ title: "SOURCE" }, { title: "COLUMN" }, { title: "DECLARED" }, { title: "IN THE FILES" }, { title: "RESULT" }];
  const failing = described.filter(({ passed }) => !passed).length;
  const lines = [`${described.length - failing} of ${described.length} sources match their declaration`];
  if (out !== undefined) lines.push(out.outcome === "stale" ? `${displayPath(out.path)} is out of date` : outText(out));
  return [...(rows.length === 0 ? [] : [renderTable(columns, rows, width), ""]), ...lines].join("\n");
}

function sourceRows({ source, declares, differences }: DescribedSource): string[][] {
  if (!declares) return [[source, "", "no columns", "", "inferred"]];
  return differences.map(({ column, difference, declared, found }) => [
    source,
    column,
    kindText(declared),
    kindText(found),
    words[difference],
  ]);
}

function kindText(column: NamedColumn | undefined): string {
  if (column === undefined) return "";
  return typeText(column);
}

/** Formats the differences, one per line, and how to fix them. */
function advice({ described }: SourceReport, out: OutFile | undefined, { out: file }: TypesFlags, { colors }: Console): string {
  const lines = described.flatMap(({ source, differences }) =>
    differences.flatMap(({ column, message }) =>
      message === undefined ? [] : [`${colors.red("error:")} source "${source}", column "${column}": ${message}`],
    ),
  );
  if (out?.outcome === "stale") lines.push(`${colors.red("error:")} ${displayPath(out.path)} does not match the files`);
  const fix =
    file === undefined
      ? "run `mlforge types` to print the columns to declare"
      : `run \`mlforge types --out ${file}\` to update the columns`;
  return [...lines, `${fix}, or correct the files.`].join("\n");
}
