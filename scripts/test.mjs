// Everything that must hold of the repository, in order. Needs only Node and npm. Every step but the tests themselves counts as one test.
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pnpmCommand } from "./pnpm.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const report = new URL("../.cache/vitest.json", import.meta.url);
const node = (...args) => [process.execPath, ...args];
const exec = (...args) => pnpmCommand(["exec", ...args]);

// Every step runs with CI set. The tests are told apart whether this is a continuous integration, which must have the servers they talk to.
const servers = process.env.CI && process.platform === "linux" ? "required" : "optional";

/** `vital`: the later steps mean nothing without it. `advice`: what to do when it fails. */
const steps = [
  {
    name: "install",
    command: pnpmCommand(["install", "--frozen-lockfile"]),
    vital: true,
    advice: "Run `node scripts/pnpm.mjs install` and commit pnpm-lock.yaml.",
  },
  {
    name: "build",
    command: exec("turbo", "run", "build", "--output-logs=errors-only"),
    vital: true,
    advice: "Correct the type errors above.",
  },
  { name: "lint and format", command: exec("biome", "check"), advice: "Run `npm run format`; correct by hand what it leaves." },
  { name: "types of the tests", command: exec("tsc", "--project", "tsconfig.test.json"), advice: "Correct the type errors above." },
  {
    name: "tests",
    command: exec("vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${fileURLToPath(report)}`),
    advice: "Run one file alone with `npx vitest run <path>`; a failed property prints its seed.",
    count: countTests,
  },
  {
    name: "unused code",
    command: exec("knip", "--no-config-hints"),
    advice: "Delete the exports, files and dependencies that nothing uses.",
  },
  {
    name: "errors page",
    command: node("scripts/errors-doc.mjs", "--check"),
    advice: "Run `node scripts/errors-doc.mjs` and commit docs/errors.md.",
  },
  { name: "documentation", command: node("scripts/docs-check.mjs"), advice: "Correct the blocks and links above." },
  {
    name: "packages",
    command: exec("turbo", "run", "check:package", "--output-logs=errors-only"),
    advice: "Correct the package.json that publint or attw names.",
  },
  {
    name: "benchmarks",
    command: node("benchmarks/dist/main.js", "check"),
    advice: "Run `npm run bench -- check`. It needs PostgreSQL: `apt-get install postgresql`.",
  },
  { name: "quickstart", command: node("scripts/quickstart.mjs"), advice: "Run `npm run quickstart`." },
];

const total = { passed: 0, failed: 0, skipped: 0 };
rmSync(report, { force: true });
let blocked = false;
for (const step of steps) {
  if (blocked) {
    total.skipped++;
    continue;
  }
  const started = performance.now();
  const { ok, output } = await run(step.command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? "ok  " : "FAIL"} ${step.name} (${seconds} s)`);
  if (!ok) console.log(`${output.trimEnd()}\n-> ${step.advice}\n`);
  blocked = !ok && step.vital === true;
  const counts = step.count?.(ok) ?? { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  for (const key of Object.keys(total)) total[key] += counts[key];
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Runs a command without standard input; gives whether it succeeded and all that it printed. */
function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: {
        ...process.env,
        CI: "true",
        MLFORGE_TEST_SERVERS: servers,
        NO_COLOR: "1",
        TURBO_TELEMETRY_DISABLED: "1",
        npm_config_loglevel: "error",
      },
      shell: process.platform === "win32" && command === "npx",
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ ok: false, output: String(error) }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

/** The numbers of vitest's own report. A run that failed in another way than by a test counts as one failed test. */
function countTests(ok) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: Math.max(numFailedTests, ok ? 0 : 1), skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
