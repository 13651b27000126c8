/**
 * Runs every command of the CLI with every file error at every path that it touches, and fails if one is called UNEXPECTED. Takes about an hour on two
 * cores. The suite runs a part of it.
 *
 * Usage: node scripts/nightly-file-errors.mjs [PATTERN]. A pattern selects cells, such as "^build, source".
 */
import { spawnSync } from "node:child_process";

const { status } = spawnSync("npx", ["vitest", "run", "apps/cli/test/file-errors", "--typecheck.enabled=false"], {
  stdio: "inherit",
  env: { ...process.env, MLFORGE_FILE_ERRORS: process.argv[2] ?? "" },
});
process.exit(status ?? 1);
