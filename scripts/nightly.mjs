/**
 * Runs the long sweeps in full. `npm test` runs a part of each.
 *
 * Usage: node scripts/nightly.mjs. It has not run in full yet.
 */
import { spawnSync } from "node:child_process";

const sweeps = ["histories", "history", "faults"].map((name) => `packages/core/test/s3/${name}.test.ts`);

const { status } = spawnSync("npx", ["vitest", "run", ...sweeps, "--typecheck.enabled=false"], {
  stdio: "inherit",
  env: { ...process.env, MLFORGE_SWEEP: "nightly" },
});
process.exit(status ?? 1);
