// The tour: installs and builds the workspace, then defines, builds and reads features of three million flights.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const pnpm = fileURLToPath(new URL("pnpm.mjs", import.meta.url));
const example = new URL("../examples/quickstart/", import.meta.url);

/** Runs a step whose output matters only if it fails. */
function prepare(title, args) {
  const started = performance.now();
  process.stdout.write(`${title} ... `);
  const { status, stdout, stderr } = spawnSync(process.execPath, [pnpm, ...args], { encoding: "utf8" });
  if (status !== 0) {
    process.stdout.write(`failed\n${stdout}\n${stderr}\n`);
    process.exit(1);
  }
  process.stdout.write(`done in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Runs the mlforge command in the example's folder, as its user would. */
function mlforge(...args) {
  process.stdout.write(`\n$ npx mlforge ${args.join(" ")}\n`);
  const bin = fileURLToPath(new URL("node_modules/@mlforge/cli/bin/mlforge.js", example));
  const { status } = spawnSync(process.execPath, [bin, ...args], { cwd: fileURLToPath(example), stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function say(text) {
  process.stdout.write(`\n${text}\n`);
}

prepare("Installing what the workspace needs", ["install", "--frozen-lockfile"]);
prepare("Compiling the packages", ["exec", "turbo", "run", "build"]);

say(`examples/quickstart/definitions.ts defines four features on three million real flights.
Building computes them, gives each a version, and stores them as Parquet:`);
mlforge("build");

say("Each version is kept as it was built, and these are the versions of one feature:");
mlforge("list", "versions", "origin_delay");

say("Some of its rows, read back. A row says what was known from its date on:");
mlforge("preview", "origin_delay", "--version", "latest");

say(`A training set: every flight is a label, to be predicted at its departure, and gets what was known of its two airports by then,
which is nothing of the same day or later:`);
const flights = "node_modules/vega-datasets/data/flights-3m.parquet";
const features = ["--features", "origin_delay,destination_delay"];
rmSync(new URL("features.lock", example), { force: true });
mlforge("training-data", "--labels", flights, "--timestamp", "date", ...features, "--out", "train.parquet", "--lock", "features.lock");

say("Why one of them has the values it has, and what came too late for it:");
mlforge("explain", ...features, "--labels", flights, "--row", "1234567", "--timestamp", "date");

say("Building again builds nothing, because neither the definitions nor the flights changed:");
mlforge("build");

say(`The files are in examples/quickstart: feature_store, train.parquet and features.lock. Any tool reads them:
  SELECT * FROM 'examples/quickstart/feature_store/origin_delay/1.0.0/data.parquet'

Try next, in examples/quickstart:
  - add a window to a feature in definitions.ts and run "npx mlforge build": a MINOR version
  - remove one and build again: a MAJOR version
  - npx mlforge training-data --lock features.lock --out again.parquet: the same rows as before, from the versions of then
  - npx mlforge validate
  - npx mlforge --help`);
