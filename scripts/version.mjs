// Applies the changesets: raises versions, writes changelogs, and compiles the version of core in.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
execFileSync(process.execPath, ["scripts/pnpm.mjs", "exec", "changeset", "version"], { cwd: fileURLToPath(root), stdio: "inherit" });
const { version } = JSON.parse(readFileSync(new URL("packages/core/package.json", root), "utf8"));
const file = new URL("packages/core/src/build/own-version.ts", root);
writeFileSync(file, readFileSync(file, "utf8").replace(/ownVersion = "[^"]*"/, `ownVersion = ${JSON.stringify(version)}`));
