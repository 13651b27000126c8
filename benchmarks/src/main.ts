import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { benchBuild, buildResultsSchema } from "./build-bench.js";
import { checkAll } from "./check.js";
import { benchFiles } from "./files-bench.js";
import { benchIncremental } from "./incremental-bench.js";
import { benchMany, manyResultsSchema } from "./many-bench.js";
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
import { benchRolling, rollingResultsSchema } from "./rolling-bench.js";
import { benchS3, s3ResultsSchema } from "./s3-bench.js";
import { benchSmall } from "./small-bench.js";
import { benchStartup, startupResultsSchema } from "./startup-bench.js";
import { benchText, textResultsSchema } from "./text-bench.js";
import { benchTraining, trainingResultsSchema } from "./training-bench.js";
import { benchTypes, typesResultsSchema } from "./types-bench.js";
import { columnSets, typesCalls } from "./types-project.js";

const usage = `npm run bench -- build [--rows 3,30] [--runs 5] [--json FILE]   builds beside a COPY of DuckDB; rows in millions
npm run bench -- startup [--runs 20] [--json FILE]              mlforge --help beside Node alone
npm run bench -- rolling [--rows 3,30] [--runs 5] [--json FILE] rolling windows beside SQL by hand; events in millions
npm run bench -- many [--rows 3] [--runs 5] [--json FILE]       twelve features in one build beside SQL by hand; rows in millions
npm run bench -- files [--files 3000] [--runs 5] [--json FILE]  a build over many small files beside a COPY of DuckDB
npm run bench -- incremental [--events 30] [--json FILE]         one more day, a late file, and no change, by month and whole; events in millions
npm run bench -- small [--features 200] [--runs 5] [--json FILE] a build of many small features, and one in which nothing changed
npm run bench -- training [--labels 1] [--rows 10] [--large 50] [--runs 5] [--json FILE]
                                                                training sets beside as-of joins by hand; rows in millions
npm run bench -- s3 [--rows 1.3] [--runs 5] [--json FILE]      a version of 50 columns to and from S3 beside the AWS SDK alone; rows in millions
npm run bench -- text [--rows 3] [--files 3000] [--runs 5] [--json FILE]
                                                                text files and a PostgreSQL table beside DuckDB and psql alone; rows in millions
npm run bench -- types [--features 200] [--large 1000] [--json FILE]
                                                                what the compiler does for generated projects of so many features
npm run bench -- check                                          every benchmark at its smallest size: results are checked, times are not
npm run bench -- render                                         the tables of benchmarks/README.md from benchmarks/results/`;

const [command, ...args] = process.argv.slice(2);
switch (command) {
  case "build": {
    const { rows = "3,30", runs = "5", json } = options({ rows: { type: "string" }, runs: { type: "string" }, json: { type: "string" } });
    const rowCounts = rows.split(",").map((each) => positive(each) * 1e6);
    const results = await benchBuild(rowCounts, positive(runs), (line) => console.error(line));
    save(json, results);
    console.log(buildReport(results));
    break;
  }
  case "startup": {
    const { runs = "20", json } = options({ runs: { type: "string" }, json: { type: "string" } });
    const results = await benchStartup(positive(runs));
    save(json, results);
    console.log(startupReport(results));
    break;
  }
  case "rolling": {
    const { rows = "3,30", runs = "5", json } = options({ rows: { type: "string" }, runs: { type: "string" }, json: { type: "string" } });
    const eventCounts = rows.split(",").map((each) => positive(each) * 1e6);
    const results = await benchRolling(eventCounts, positive(runs), (line) => console.error(line));
    save(json, results);
    console.log(rollingReport(results));
    break;
  }
  case "many": {
    const { rows = "3", runs = "5", json } = options({ rows: { type: "string" }, runs: { type: "string" }, json: { type: "string" } });
    const results = await benchMany(positive(rows) * 1e6, positive(runs), (line) => console.error(line));
    save(json, results);
    console.log(manyReport(results));
    break;
  }
  case "files": {
    const given = options({ files: { type: "string" }, runs: { type: "string" }, json: { type: "string" } });
    const results = await benchFiles(positive(given.files ?? "3000"), positive(given.runs ?? "5"), (line) => console.error(line));
    save(given.json, results);
    console.log(filesReport(results));
    break;
  }
  case "incremental": {
    const { events = "30", json } = options({ events: { type: "string" }, json: { type: "string" } });
    const results = await benchIncremental(positive(events) * 1e6, (line) => console.error(line));
    save(json, results);
    console.log(incrementalReport(results));
    break;
  }
  case "small": {
    const given = options({ features: { type: "string" }, runs: { type: "string" }, json: { type: "string" } });
    const results = await benchSmall(positive(given.features ?? "200"), positive(given.runs ?? "5"), (line) => console.error(line));
    save(given.json, results);
    console.log(smallReport(results));
    break;
  }
  case "training": {
    const given = options({
      labels: { type: "string" },
      rows: { type: "string" },
      large: { type: "string" },
      runs: { type: "string" },
      json: { type: "string" },
    });
    const labels = positive(given.labels ?? "1") * 1e6;
    const featureRows = positive(given.rows ?? "10") * 1e6;
    const cases = [
      { labels, features: 1, featureRows },
      { labels, features: 10, featureRows },
      ...(["csv", "ndjson", "objects", "arrow"] as const).map((form) => ({ labels, form, features: 1, featureRows })),
      { labels: 2 * labels, form: "objects" as const, features: 1, featureRows },
      { labels, features: 1, featureRows: positive(given.large ?? "50") * 1e6, memoryLimit: "1GB" },
    ];
    const results = await benchTraining(cases, positive(given.runs ?? "5"), (line) => console.error(line));
    save(given.json, results);
    console.log(trainingReport(results));
    break;
  }
  case "s3": {
    const { rows = "1.3", runs = "5", json } = options({ rows: { type: "string" }, runs: { type: "string" }, json: { type: "string" } });
    const results = await benchS3(positive(rows) * 1e6, positive(runs), (line) => console.error(line));
    save(json, results);
    console.log(s3Report(results));
    break;
  }
  case "text": {
    const given = options({ rows: { type: "string" }, files: { type: "string" }, runs: { type: "string" }, json: { type: "string" } });
    const results = await benchText(
      positive(given.rows ?? "3") * 1e6,
      positive(given.files ?? "3000"),
      positive(given.runs ?? "5"),
      (line) => console.error(line),
    );
    save(given.json, results);
    console.log(textReport(results));
    break;
  }
  case "types": {
    const {
      features = "200",
      large = "1000",
      json,
    } = options({ features: { type: "string" }, large: { type: "string" }, json: { type: "string" } });
    const projects = columnSets.flatMap((columns) => typesCalls.map((call) => ({ features: positive(features), columns, call })));
    const results = await benchTypes([...projects, { features: positive(large), columns: "scalar", call: "names" }], (line) =>
      console.error(line),
    );
    save(json, results);
    console.log(typesReport(results));
    break;
  }
  case "check": {
    options({});
    await checkAll((line) => console.error(line));
    break;
  }
  case "render": {
    options({});
    const page = new URL("../README.md", import.meta.url);
    const stored = (name: string): unknown => JSON.parse(readFileSync(new URL(`../results/${name}.json`, import.meta.url), "utf8"));
    const sections = {
      build: buildReport(v.parse(buildResultsSchema, stored("build"))),
      startup: startupReport(v.parse(startupResultsSchema, stored("startup"))),
      rolling: rollingReport(v.parse(rollingResultsSchema, stored("rolling"))),
      many: manyReport(v.parse(manyResultsSchema, stored("many"))),
      training: trainingReport(v.parse(trainingResultsSchema, stored("training"))),
      s3: s3Report(v.parse(s3ResultsSchema, stored("s3"))),
      text: textReport(v.parse(textResultsSchema, stored("text"))),
      types: typesReport(v.parse(typesResultsSchema, stored("types"))),
    };
    let text = readFileSync(page, "utf8");
    for (const [name, section] of Object.entries(sections)) {
      text = text.replace(new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`), (_, start, end) => `${start}\n\n${section}\n\n${end}`);
    }
    writeFileSync(page, text);
    break;
  }
  default:
    fail(command === undefined ? "no command was given" : `there is no command "${command}"`);
}

function options<const O extends Record<string, { type: "string" }>>(known: O): { readonly [K in keyof O]?: string } {
  try {
    return parseArgs({ args, options: known }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function positive(value: string): number {
  const number = Number(value);
  return number > 0 ? number : fail(`"${value}" is not a number above 0`);
}

function save(file: string | undefined, results: object): void {
  // The package manager changes the folder, and says which it was.
  if (file !== undefined) writeFileSync(resolve(process.env.INIT_CWD ?? ".", file), `${JSON.stringify(results, undefined, 2)}\n`);
}

function fail(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}
