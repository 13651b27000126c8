// The tour: installs and builds the workspace, then defines, builds and reads features of three million flights.
import { spawnSync } from "node:child_process";
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

say(`examples/quickstart/definitions.ts defines three features on three million real flights.
Building computes them, gives each a version, and stores them as Parquet:`);
mlforge("build");

say("Each version is kept as it was built, and these are the versions of one feature:");
mlforge("list", "versions", "airport_total_delay");

say("Some of its rows, read back:");
mlforge("preview", "airport_total_delay", "--version", "latest");

say("Building again builds nothing, because neither the definitions nor the flights changed:");
mlforge("build");

say(`The files are in examples/quickstart/feature_store. Any tool reads them:
  SELECT * FROM 'examples/quickstart/feature_store/airport_total_delay/1.0.0/data.parquet'

Try next, in examples/quickstart:
  - add a column to a feature in definitions.ts and run "npx mlforge build": a MINOR version
  - remove one and build again: a MAJOR version
  - npx mlforge inspect feature route_delay
  - npx mlforge --help`);
