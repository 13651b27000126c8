import type { BuildResults } from "./build-bench.js";
import type { FilesResults } from "./files-bench.js";
import type { IncrementalResults } from "./incremental-bench.js";
import type { Machine } from "./machine.js";
import type { ManyResults } from "./many-bench.js";
import type { RollingResults } from "./rolling-bench.js";
import type { S3Results } from "./s3-bench.js";
import type { SmallResults } from "./small-bench.js";
import type { Spread } from "./spread.js";
import type { StartupResults } from "./startup-bench.js";
import type { TextResults } from "./text-bench.js";
import type { TrainingResults } from "./training-bench.js";
import type { TypesResults } from "./types-bench.js";

const jobs = { groupBy: "group-by", projection: "projection" };

/** The results of builds as Markdown: times and memory beside the COPY's, then where a build spends its time. */
export function buildReport({ machine, runs, cases }: BuildResults): string {
  const compared = cases.map(({ job, rows, memoryLimit, mlforge, copy, same }) => [
    `${jobs[job]}, ${millions(rows)}${memoryLimit === undefined ? "" : `, ${memoryLimit} limit`}`,
    seconds(mlforge.job),
    seconds(copy.job),
    ratio(mlforge.job, copy.job),
    ratio(mlforge.process, copy.process),
    megabytes(mlforge.peak),
    megabytes(copy.peak),
    ratio(mlforge.peak, copy.peak),
    (mlforge.fileBytes / 1e6).toFixed(1),
    same,
  ]);
  const steps = cases.map(({ job, rows, memoryLimit, mlforge, steps }) => {
    const ends = [...Object.values(steps).slice(1), mlforge.job.median];
    const lengths = Object.values(steps).map((start, index) => (((ends[index] ?? start) - start) / 1000).toFixed(2));
    return [`${jobs[job]}, ${millions(rows)}${memoryLimit === undefined ? "" : `, ${memoryLimit} limit`}`, ...lengths];
  });
  return [
    conditions(machine, `medians of ${runs} runs of each (lowest to highest), the two in turns`),
    table(["job", "mlforge s", "COPY s", "time", "process", "mlforge MB", "COPY MB", "memory", "file MB", "same"], compared),
    "Where the seconds of a build go:",
    table(["job", ...Object.keys(cases[0]?.steps ?? {})], steps),
  ].join("\n\n");
}

export function startupReport({ machine, runs, help, node }: StartupResults): string {
  const row = (name: string, { median, min, max }: Spread): readonly string[] => [name, ...[median, min, max].map((ms) => ms.toFixed(0))];
  return [
    conditions(machine, `${runs} processes of each, in turns`),
    table(["process", "median ms", "min", "max"], [row("`mlforge --help`", help), row("`node -e 0`", node)]),
    `The command takes ${(help.median - node.median).toFixed(0)} ms more than Node alone.`,
  ].join("\n\n");
}

const typesCallNames = {
  none: "no training set",
  names: "by name",
  objects: "as objects",
  selections: "with keys and a prefix",
  mixed: "in all three forms",
};

export function typesReport({ machine, cases }: TypesResults): string {
  const compiled = cases.map(({ features, columns, call, instantiations, check, memory }) => [
    `${features} features, ${columns === "nested" ? "lists, vectors, structs, " : ""}${typesCallNames[call]}`,
    instantiations.toLocaleString("en"),
    check.toFixed(1),
    (memory / 1e6).toFixed(0),
  ]);
  return [conditions(machine, "one run of each"), table(["project", "instantiations", "check s", "MB"], compiled)].join("\n\n");
}

const rollingTexts = { merged: "", lifetime: ", since the beginning", unmerged: ", distinct values" } as const;

export function rollingReport({ machine, runs, cases }: RollingResults): string {
  const compared = cases.map(({ events, windows, mlforge, tiles, buckets }) => [
    `${millions(events)} events${rollingTexts[windows]}`,
    seconds(mlforge.job),
    seconds(tiles.job),
    ratio(mlforge.job, tiles.job),
    megabytes(mlforge.peak),
    megabytes(tiles.peak),
    buckets === undefined ? "" : (buckets.job.median / 1000).toFixed(2),
    buckets === undefined ? "" : ratio(buckets.job, mlforge.job),
  ]);
  return [
    conditions(machine, `medians of ${runs} runs of each (lowest to highest), the two in turns, and one of the join with buckets`),
    table(["job", "mlforge s", "by hand s", "time", "mlforge MB", "by hand MB", "buckets s", "buckets to mlforge"], compared),
  ].join("\n\n");
}

export function manyReport({ machine, runs, rows, features, cases }: ManyResults): string {
  const compared = cases.map(({ format, build, builds, sql }) => [
    format === "csv" ? "CSV" : "Parquet",
    seconds(build.job),
    seconds(builds.job),
    seconds(sql.job),
    ratio(build.job, sql.job),
    megabytes(build.peak),
    megabytes(sql.peak),
  ]);
  return [
    conditions(
      machine,
      `${features} features over ${millions(rows)} rows; medians of ${runs} runs of each (lowest to highest), the three in turns`,
    ),
    table(["source", "one build s", "a build each s", "SQL s", "one build to SQL", "mlforge MB", "SQL MB"], compared),
  ].join("\n\n");
}

export function filesReport({ machine, runs, files, mlforge, copy }: FilesResults): string {
  const job = `${files.toLocaleString("en")} files of 1,000 rows`;
  const times = [seconds(mlforge.job), seconds(copy.job), ratio(mlforge.job, copy.job)];
  const row = [job, ...times, seconds(mlforge.cpu), seconds(copy.cpu), ratio(mlforge.cpu, copy.cpu)];
  return [
    conditions(machine, `medians of ${runs} runs of each (lowest to highest), the two in turns`),
    table(["job", "mlforge s", "COPY s", "time", "mlforge CPU s", "COPY CPU s", "CPU"], [row]),
  ].join("\n\n");
}

export function incrementalReport({ machine, events, cases }: IncrementalResults): string {
  const rows = cases.map(({ kind, step, divided, whole }) => [
    `${kind}, ${step}`,
    (divided.ms / 1000).toFixed(2),
    (whole.ms / 1000).toFixed(2),
    share(divided.ms, whole.ms),
    share(divided.cpuMs, whole.cpuMs),
    divided.version === null ? "" : `${divided.computed} of ${divided.computed + divided.kept}`,
    divided.version === null ? "" : share(divided.newBytes, divided.bytes),
    `${Math.round(divided.peakBytes / 1e6)} of ${Math.round(whole.peakBytes / 1e6)}`,
  ]);
  return [
    conditions(machine, `${millions(events)} events of 36 months; one run of each, both features in turns`),
    table(["feature, change", "by month s", "whole s", "time", "CPU", "months computed", "bytes written", "peak MB"], rows),
  ].join("\n\n");
}

function share(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1)} %`;
}

export function smallReport({ machine, runs, features, first, unchanged }: SmallResults): string {
  const row = (job: string, { time, cpu }: SmallResults["first"]): readonly string[] => {
    return [job, seconds(time), seconds(cpu), (cpu.median / features).toFixed(1)];
  };
  return [
    conditions(machine, `${features} features over files of 1,000 rows; medians of ${runs} runs of each (lowest to highest)`),
    table(["build", "s", "CPU s", "CPU ms a feature"], [row("first", first), row("nothing changed", unchanged)]),
  ].join("\n\n");
}

const formTexts = { parquet: "", csv: " as CSV", ndjson: " as NDJSON", objects: " as objects", arrow: " as an Arrow table" } as const;

export function trainingReport({ machine, runs, cases }: TrainingResults): string {
  const compared = cases.map(({ labels, form = "parquet", features, featureRows, memoryLimit, mlforge, sql }) => [
    `${millions(labels)} labels${formTexts[form]}, ${features} × ${millions(featureRows)} rows${memoryLimit === undefined ? "" : `, ${memoryLimit} limit`}`,
    seconds(mlforge.job),
    sql === undefined ? "" : seconds(sql.job),
    sql === undefined ? "" : ratio(mlforge.job, sql.job),
    megabytes(mlforge.peak),
    sql === undefined ? "" : megabytes(sql.peak),
  ]);
  return [
    conditions(machine, `medians of ${runs} runs of each (lowest to highest), the two in turns`),
    table(["job", "mlforge s", "SQL s", "time", "mlforge MB", "SQL MB"], compared),
  ].join("\n\n");
}

const s3Jobs = { upload: "upload", download: "download, whole", columns: "download, 2 of 50 columns; the SDK: whole" };

export function s3Report({ machine, runs, fileBytes, cases }: S3Results): string {
  const compared = cases.map(({ task, mlforge, sdk, movedBytes }) => [
    s3Jobs[task],
    seconds(mlforge.job),
    seconds(sdk.job),
    ratio(mlforge.job, sdk.job),
    megabytes(mlforge.peak),
    megabytes(sdk.peak),
    (movedBytes / 1e6).toFixed(1),
  ]);
  return [
    conditions(
      machine,
      `a file of ${(fileBytes / 1e6).toFixed(0)} MB; medians of ${runs} runs of each (lowest to highest), the two in turns`,
    ),
    table(["job", "mlforge s", "SDK s", "time", "mlforge MB", "SDK MB", "mlforge MB moved"], compared),
  ].join("\n\n");
}

const textJobs = {
  csv: "CSV, columns declared",
  csvInferred: "CSV, columns found; DuckDB: sniffed over all rows",
  csvMany: "CSV in many files, columns declared",
  csvGzip: "CSV in gzip, columns declared",
  ndjson: "NDJSON, columns declared",
  postgres: "a build from a table of PostgreSQL; psql: its text in a file",
};

export function textReport({ machine, runs, rows, cases }: TextResults): string {
  const compared = cases.map(({ task, bytes, mlforge, raw }) => [
    `${textJobs[task]}${bytes === 0 ? "" : `, ${(bytes / 1e6).toFixed(0)} MB`}`,
    seconds(mlforge.job),
    seconds(raw.job),
    ratio(mlforge.job, raw.job),
    seconds(mlforge.cpu),
    seconds(raw.cpu),
    megabytes(mlforge.peak),
    megabytes(raw.peak),
  ]);
  return [
    conditions(machine, `${millions(rows)} rows; medians of ${runs} runs of each (lowest to highest), the two in turns`),
    table(["source", "mlforge s", "raw s", "time", "mlforge CPU s", "raw CPU s", "mlforge MB", "raw MB"], compared),
  ].join("\n\n");
}

function conditions({ at, processor, cores, memoryBytes, system, node, commit, load }: Machine, how: string): string {
  const machine = `${cores} × ${processor}, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, ${system}`;
  return `${at.slice(0, 10)}, commit ${commit}, Node ${node}, ${machine}, load ${load.toFixed(1)} before; ${how}.`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

function millions(rows: number): string {
  return `${rows / 1e6} M`;
}

function seconds({ median, min, max }: Spread): string {
  return `${(median / 1000).toFixed(2)} (${(min / 1000).toFixed(2)} to ${(max / 1000).toFixed(2)})`;
}

function megabytes({ median, min, max }: Spread): string {
  return `${(median / 1e6).toFixed(0)} (${(min / 1e6).toFixed(0)} to ${(max / 1e6).toFixed(0)})`;
}

function ratio(ours: Spread, theirs: Spread): string {
  return `${(ours.median / theirs.median).toFixed(2)}×`;
}
