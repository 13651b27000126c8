/**
 * Runs the long sweeps in full, of which `npm test` runs a part, and then the whole suite on the later versions of Node.
 *
 * Usage: node scripts/nightly.mjs [<path> ...]. With paths of tests, runs only these, on the later versions of Node.
 * It has not run in full yet. On 2026-11-28, the tests of packages/spec and packages/sql passed on both versions, and on Node 22
 * parts of those of core, engine-duckdb and the CLI.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const sweeps = ["histories", "history", "faults"].map((name) => `packages/core/test/s3/${name}.test.ts`);
/** The same versions as in test/packed.test.ts, from the package `node` of npm. */
const versions = { node22: "22.23.3", node24: "24.21.0" };
const paths = process.argv.slice(2);
let failed = false;

/** Runs tests. Processes that they start by the name `node` have the same version. */
function test(node, files, env = {}) {
  const PATH = `${join(node, "..")}${delimiter}${process.env.PATH}`;
  const args = [vitest, "run", ...files, "--typecheck.enabled=false"];
  const { status } = spawnSync(node, args, { cwd: root, stdio: "inherit", env: { ...process.env, PATH, ...env } });
  failed ||= status !== 0;
}

if (paths.length === 0) test(process.execPath, sweeps, { MLFORGE_SWEEP: "nightly" });

const folder = join(root, ".cache/runtimes");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
const packages = Object.entries(versions).map(([name, version]) => `${name}@npm:node@${version}`);
const shell = process.platform === "win32";
const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], {
  cwd: folder,
  stdio: "inherit",
  shell,
});
if (status !== 0) process.exit(1);
for (const name of Object.keys(versions)) {
  console.log(`On ${name}:`);
  test(join(folder, "node_modules", name, "bin/node"), paths);
}
process.exit(failed ? 1 : 0);
