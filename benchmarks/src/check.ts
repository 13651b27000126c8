import { whatIsMissing } from "@mlforge/test-servers";
import { benchBuild } from "./build-bench.js";
import { benchFiles } from "./files-bench.js";
import { benchIncremental } from "./incremental-bench.js";
import { benchMany } from "./many-bench.js";
import {
  buildReport,
  filesReport,
  incrementalReport,
  manyReport,
  rollingReport,
  s3Report,
  smallReport,
  startupReport,
  textReport,
  trainingReport,
  typesReport,
} from "./report.js";
import { benchRolling } from "./rolling-bench.js";
import { benchS3 } from "./s3-bench.js";
import { benchSmall } from "./small-bench.js";
import { benchStartup } from "./startup-bench.js";
import { benchText } from "./text-bench.js";
import { benchTraining } from "./training-bench.js";
import { labelForms, type TrainingCase } from "./training-job.js";
import { benchTypes, type TypesResults } from "./types-bench.js";

const rows = 10_000;
/** The most types that the compiler may make for a training set of 200 features, chosen in all three forms. */
const ceiling = 300_000;

const trainingCases: readonly TrainingCase[] = [
  { labels: 1_000, features: 2, featureRows: rows },
  ...labelForms.map((form) => ({ labels: 1_000, form, features: 1, featureRows: rows })),
];

/** Runs the first turn of every benchmark over few rows, so that none rots: each compares its results with those of the other side. */
export async function checkAll(log: (line: string) => void): Promise<void> {
  const silent = (): void => undefined;
  const benchmarks: readonly (readonly [string, () => Promise<string>])[] = [
    ["build", async () => buildReport(await benchBuild([rows], 0, silent))],
    ["startup", async () => startupReport(await benchStartup(1))],
    ["rolling", async () => rollingReport(await benchRolling([rows], 0, silent))],
    ["many", async () => manyReport(await benchMany(rows, 0, silent))],
    ["files", async () => filesReport(await benchFiles(20, 0, silent))],
    ["incremental", async () => incrementalReport(await benchIncremental(rows, silent))],
    ["small", async () => smallReport(await benchSmall(10, 0, silent))],
    ["training", async () => trainingReport(await benchTraining(trainingCases, 0, silent))],
    ["s3", async () => s3Report(await benchS3(rows, 0, silent))],
    ["types", async () => typesReport(await checkTypes(silent))],
    ["text", async () => textReport(await benchText(rows, 20, 0, silent))],
  ];
  const missing = process.env.MLFORGE_TEST_SERVERS === "required" ? undefined : whatIsMissing("postgres");
  for (const [name, run] of benchmarks) {
    if (name === "text" && missing !== undefined) {
      log(`text is skipped: ${missing}`);
      continue;
    }
    const started = performance.now();
    const report = await run();
    if (!report.includes("| --- |")) throw new Error(`${name} reports nothing`);
    log(`${name} ran in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
}

/** Compiles 200 features and throws if the compiler makes more types than it should: the number depends on its version alone, not on the machine. */
async function checkTypes(log: (line: string) => void): Promise<TypesResults> {
  const results = await benchTypes([{ features: 200, columns: "nested", call: "mixed" }], log);
  for (const { instantiations } of results.cases)
    if (instantiations > ceiling) throw new Error(`200 features cost ${instantiations} instantiations, more than ${ceiling}`);
  return results;
}
