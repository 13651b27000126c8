import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, it } from "vitest";

const page = fileURLToPath(new URL("../../../../docs/writing-an-engine.md", import.meta.url));
// Below this package's node_modules, so that the page's imports find what its reader would have installed.
const project = fileURLToPath(new URL("../../node_modules/.cache/writing-an-engine", import.meta.url));
const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "..", "bin", "tsc");

const files = new Map<string, string>();
for (const [, name = "", code = ""] of (await readFile(page, "utf8")).matchAll(/^```ts (\S+)\n([\s\S]*?)^```$/gm)) files.set(name, code);

await rm(project, { recursive: true, force: true });
await mkdir(join(project, "node_modules", "@mlforge"), { recursive: true });
await symlink(fileURLToPath(new URL("../..", import.meta.url)), join(project, "node_modules", "@mlforge", "testkit"), "junction");
for (const [name, code] of files) await writeFile(join(project, name), code);
await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
await writeFile(
  join(project, "tsconfig.json"),
  JSON.stringify({
    extends: fileURLToPath(new URL("../../../../tsconfig.base.json", import.meta.url)),
    compilerOptions: { composite: false, isolatedDeclarations: false, types: ["node"], outDir: "compiled" },
  }),
);

it("the page has an engine and its tests, the engine of a size that one reads", () => {
  expect([...files.keys()]).toEqual(["memory-engine.ts", "memory-engine.test.ts"]);
  expect(files.get("memory-engine.ts")?.split("\n").length).toBeLessThan(240);
});

execFileSync(process.execPath, [tsc, "-p", project], { encoding: "utf8", stdio: "pipe" });
await import(pathToFileURL(join(project, "compiled", "memory-engine.test.js")).href);
