/**
 * Kills every command of the CLI that writes, 300 times in total, and checks that one more run leaves nothing behind. Takes about an hour on two cores.
 *
 * Usage: node scripts/nightly-kills.mjs. It has not run with 300 kills yet. The suite runs the same test with 12 kills for each command.
 */
import { spawnSync } from "node:child_process";

const commands = 8;
const MLFORGE_KILLS = String(Math.ceil(300 / commands));
const { status } = spawnSync("npx", ["vitest", "run", "apps/cli/test/kills", "--typecheck.enabled=false"], {
  stdio: "inherit",
  env: { ...process.env, MLFORGE_KILLS },
});
process.exit(status ?? 1);
