import type { ColumnDiff, VersionDiff } from "@mlforge/core";
import type { Console } from "../../console.js";
import { changeColor, differencesText } from "../../differences-text.js";
import { renderFields } from "../../fields.js";
import { formatBytes, formatCount, formatNumber, formatShare } from "../../quantity.js";
import { renderTable } from "../../table.js";

/** Formats a comparison of versions for a terminal: the kind of change, then schema and logic, then data. */
export function diffText(diff: VersionDiff, console: Console): string {
  const { feature, from, to, change, why, differences } = diff;
  const colors = console.resultColors;
  // Drops the columns that a reason lists: they are shown below.
  const [reason = ""] = why.split(": ");
  const head = `${colors.bold(feature)} ${from} to ${to}: ${changeColor(colors)(change)}${change === "same" ? "" : `, ${reason}`}`;
  const logic =
    differences.logic === undefined ? "  the logic cannot be compared: a version was published without the text of its logic" : "";
  return [head, fieldsText(diff), logic, differencesText(differences, colors), dataText(diff, console)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function fieldsText({ rows, bytes, source }: VersionDiff): string {
  return renderFields([
    ["  rows", step(formatCount(rows.from), formatCount(rows.to))],
    ["  size", step(formatBytes(bytes.from), formatBytes(bytes.to))],
    ["  source", source.changed ? "changed" : "unchanged"],
  ]);
}

function dataText({ data, from, to }: VersionDiff, console: Console): string {
  switch (data?.kind) {
    case undefined:
      return "";
    case "identical":
      return "The data is identical: the files have the same SHA-256.";
    case "unavailable":
      return `The data was not compared: ${data.reason}.`;
    case "compared":
      return [rowsText(data, from, to), columnsText(data.columns, console)].filter((part) => part !== "").join("\n\n");
  }
}

function rowsText({ rows, unmatched = "" }: Extract<VersionDiff["data"], { kind: "compared" }>, from: string, to: string): string {
  if (rows === undefined) return `The rows cannot be matched: ${unmatched}.`;
  const { onlyFrom, onlyTo, changed, rounded, unchanged } = rows;
  const both = changed + unchanged;
  return renderFields([
    [`  only in ${from}`, formatCount(onlyFrom)],
    [`  only in ${to}`, formatCount(onlyTo)],
    ["  changed", `${formatCount(changed)}${both === 0 ? "" : ` of ${formatCount(both)} in both (${formatShare(changed / both)})`}`],
    ...(rounded === 0 ? [] : [["  by rounding", roundedText(rounded)] as const]),
  ]);
}

function roundedText(rows: number): string {
  return `${formatCount(rows)} of the changed rows: only floats differ, by at most 1e-9 of their value`;
}

function columnsText(columns: readonly ColumnDiff[], { resultColors: colors, width }: Console): string {
  if (columns.length === 0) return "";
  const words = { stable: colors.green, shifted: colors.yellow, drifted: colors.red };
  return renderTable(
    [
      { title: "COLUMN" },
      { title: "CHANGED", align: "right" },
      { title: "NULLS", align: "right", wrap: true },
      { title: "MEAN", align: "right", wrap: true },
      { title: "PSI", align: "right" },
      { title: "DRIFT", style: (word) => (isWord(word) ? words[word](word) : word) },
    ],
    columns.map(({ name, from, to, changed, drift }) => [
      name,
      changed === undefined ? "" : changedText(changed),
      step(formatShare(from.nullShare), formatShare(to.nullShare)),
      from.numbers === undefined || to.numbers === undefined ? "" : step(formatNumber(from.numbers.mean), formatNumber(to.numbers.mean)),
      drift === undefined ? "" : drift.toFixed(3),
      drift === undefined ? "" : wordFor(drift),
    ]),
    width,
  );
}

function changedText({ rows, rounded, share }: NonNullable<ColumnDiff["changed"]>): string {
  if (rounded === 0) return formatShare(share);
  const part = rounded === rows ? "all" : formatShare((share * rounded) / rows);
  return `${formatShare(share)} (${part} by rounding)`;
}

type Word = "stable" | "shifted" | "drifted";

/** Classifies a drift by the customary limits. See `stabilityIndex` in core. */
function wordFor(drift: number): Word {
  if (drift < 0.1) return "stable";
  return drift <= 0.25 ? "shifted" : "drifted";
}

function isWord(text: string): text is Word {
  return text === "stable" || text === "shifted" || text === "drifted";
}

/** Joins two values with "to". Returns one of them if they are the same. */
function step(from: string, to: string): string {
  return from === to ? from : `${from} to ${to}`;
}
