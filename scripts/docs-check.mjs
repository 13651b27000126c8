// Type-checks every fenced `ts` block of the documentation, and finds broken relative links, paths of missing tests, and lines
// over 100 columns. Needs a build.
//
// Each block is a module. If it is a fragment, put the code it depends on in a comment above it, which no page shows:
//
//     <!-- preamble
//     import { source, t } from "@mlforge/core";
//     const flights = source({ path: "flights.parquet", columns: { origin: t.string() } });
//     -->
//
// The nearest preamble above a block, in the same file, is compiled with it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const project = join(root, ".cache/docs");
const folders = ["packages", "apps", "examples"].flatMap((group) => entries(group).map((name) => join(group, name)));
const packages = folders.filter((folder) => existsSync(join(root, folder, "package.json")));
const pages = [".", ".changeset", "benchmarks", "docs", "docs/decisions", ...folders].flatMap((folder) =>
  entries(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

const columns = 100;
const problems = [...pages.flatMap(brokenLinks), ...pages.flatMap(missingTests), ...pages.flatMap(longLines)];
rmSync(project, { recursive: true, force: true });
mkdirSync(project, { recursive: true });
const blocks = pages.flatMap(writeBlocks);
if (blocks.length > 0) {
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(configuration()));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "--project", project, "--pretty", "false"], { cwd: project });
  if (status !== 0) problems.push(`${stdout}`.replace(/^(\S+?)~\d+\.ts/gm, (_, page) => page.replaceAll("~", "/")));
}
for (const problem of problems) console.error(problem);
console.log(`${blocks.length} ts blocks in ${pages.length} pages`);
process.exit(problems.length > 0 ? 1 : 0);

function entries(folder) {
  return existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
}

function brokenLinks(page) {
  const text = readFileSync(join(root, page), "utf8").replace(/^```.*?^```/gms, "");
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)]
    .filter(([, link]) => !existsSync(join(root, dirname(page), link)))
    .map(([, link]) => `${page}: broken link ${link}`);
}

/** Checks the paths of tests in backquotes, from the root of the repository. Names alone, and patterns, are not paths. */
function missingTests(page) {
  if (page.endsWith("CHANGELOG.md")) return [];
  const text = readFileSync(join(root, page), "utf8").replace(/^```.*?^```/gms, "");
  return [...text.matchAll(/`((?:[\w.-]+\/)*test\/[\w./-]+|[\w./-]+\.test\.ts)`/g)]
    .filter(([, path]) => !existsSync(join(root, path)))
    .map(([, path]) => `${page}: there is no test ${path}; write its path from the root of the repository`);
}

/** Exempts tables, code, lines without a space, and what scripts write: changelogs, and text between `<!-- name -->` and `<!-- /name -->`. */
function longLines(page) {
  if (page.endsWith("CHANGELOG.md")) return [];
  const exempt = /^```.*?^```|^<!-- preamble.*?^-->|^<!-- (\w+) -->$.*?^<!-- \/\1 -->$/gms;
  const text = readFileSync(join(root, page), "utf8").replace(exempt, (block) => block.replace(/.+/g, ""));
  return text.split("\n").flatMap((line, index) => {
    const wraps = !/^\s*\|/.test(line) && /\S +\S/.test(line.replace(/^\s*([-*>]|\d+\.) +/, ""));
    return wraps && [...line].length > columns ? [`${page}:${index + 1}: wrap the line at ${columns} columns`] : [];
  });
}

/** Writes one file per block: the page with all other lines blank, so that the compiler reports line numbers of the page. */
function writeBlocks(page) {
  const lines = readFileSync(join(root, page), "utf8").split("\n");
  const written = [];
  let preamble = [];
  for (let start = 0; start < lines.length; start++) {
    const end = { "```ts": "```", "<!-- preamble": "-->" }[lines[start].trimEnd()];
    if (end === undefined) continue;
    const length = lines.slice(start).findIndex((line) => line.trimEnd() === end);
    const numbers = Array.from({ length: length - 1 }, (_, line) => start + 1 + line);
    if (end === "-->") preamble = numbers;
    else {
      const kept = new Set([...preamble, ...numbers]);
      const file = join(project, `${page.replaceAll(/[\\/]/g, "~")}~${start + 1}.ts`);
      writeFileSync(file, lines.map((line, number) => (kept.has(number) ? line : "")).join("\n"));
      written.push(file);
    }
    start += length;
  }
  return written;
}

function configuration() {
  const paths = packages.flatMap((folder) => {
    const { name, exports = {} } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return Object.entries(exports)
      .filter(([, target]) => target.types !== undefined)
      .map(([subpath, target]) => [join(name, subpath).replaceAll("\\", "/"), [relative(project, join(root, folder, target.types))]]);
  });
  return {
    extends: "../../tsconfig.base.json",
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
      noEmit: true,
      moduleDetection: "force",
      types: ["node"],
      paths: Object.fromEntries(paths),
    },
    include: ["*.ts"],
  };
}
