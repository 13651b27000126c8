import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packAll, tarballIn } from "./packing.js";
import { publicPackages, root, type WorkspacePackage } from "./workspace.js";

const run = promisify(execFile);
const shell = process.platform === "win32";
let temporary: string;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), "mlforge-packed-"));
  await packAll(temporary);
}, 120_000);
afterAll(async () => {
  await rm(temporary, { recursive: true, force: true });
});

function tarballOf(name: string): string {
  return tarballIn(temporary, name);
}

/** An empty project that has installed the packed packages of these names, and others from the registry. */
async function install(packages: readonly string[], others: readonly string[] = []): Promise<string> {
  const project = await mkdtemp(join(temporary, "project-"));
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const tarballs = packages.map(tarballOf);
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...tarballs, ...others], { cwd: project, shell });
  return project;
}

/** The runtimes beside the Node that runs the tests, as npm packages: what starts them in the project that installed them. */
const runtimes = {
  "Node 22": { packages: ["node22@npm:node@22.23.3"], command: ["node_modules/node22/bin/node"] },
  "Node 24": { packages: ["node24@npm:node@24.21.0"], command: ["node_modules/node24/bin/node"] },
  Deno: { packages: ["deno@2.9.6"], command: ["node_modules/.bin/deno", "run", "-A"] },
} as const;

const definitions = `import { Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
const path: string = "events.csv";
const events = source({ path, columns: { k: t.string(), at: t.timestamp(), n: t.int64() }, timestamp: "at" });
export const total = feature({ name: "total", source: events, keys: ["k"] });
export const defs = new Definitions({ name: "all", features: [total], offlineStore: new LocalStore("store"), engine: new DuckDBEngine() });
`;

/** Every file below a project's node_modules. */
async function installedFiles(project: string): Promise<readonly string[]> {
  return await readdir(join(project, "node_modules"), { recursive: true });
}

describe("@mlforge/core with @mlforge/store-local alone", () => {
  let project: string;
  beforeAll(async () => {
    project = await install(["@mlforge/spec", "@mlforge/core", "@mlforge/store-local"]);
  }, 120_000);

  it("brings no engine, no cloud, no wasm and no native code", async () => {
    const files = await installedFiles(project);
    expect(
      files
        .filter((file) => /^@mlforge[\\/][^\\/]+$/.test(file))
        .map((file) => file.slice(9))
        .sort(),
    ).toEqual(["core", "spec", "store-local"]);
    expect(files.filter((file) => /duckdb|aws-sdk|smithy|parquet-wasm/.test(file) || /\.(wasm|node|gyp)$/.test(file))).toEqual([]);
  });

  it("builds and reads a function over batches once @mlforge/format-parquet is beside them", async () => {
    const beside = await install(["@mlforge/spec", "@mlforge/core", "@mlforge/store-local", "@mlforge/format-parquet"]);
    await writeFile(join(beside, "build.mjs"), await readFile(join(root, "test/fixtures/function-feature.mjs")));
    const { stdout } = await run(process.execPath, ["build.mjs"], { cwd: beside });
    expect(JSON.parse(stdout)).toEqual({
      built: [["doubled", "1.0.0", 3]],
      rows: [
        { id: 1, double: 2.5 },
        { id: 2, double: -4 },
        { id: 3, double: null },
      ],
    });
    expect((await installedFiles(beside)).filter((file) => /duckdb/.test(file))).toEqual([]);
  }, 120_000);
});

describe("all packages together", () => {
  let project: string;
  const entries = publicPackages.flatMap(({ manifest: { name, exports = {} } }: WorkspacePackage) =>
    Object.keys(exports)
      .filter((subpath) => !subpath.endsWith(".json"))
      .map((subpath) => name + subpath.slice(1)),
  );
  beforeAll(async () => {
    const names = publicPackages.map(({ manifest }) => manifest.name);
    const others = Object.values(runtimes).flatMap(({ packages }) => packages);
    project = await install(names, [
      "typescript@6.0.3",
      "typescript5@npm:typescript@5.7.3",
      "@types/node@20.19.43",
      "esbuild@0.25.12",
      ...others,
    ]);
  }, 300_000);

  it.each(entries)("%s can be imported", async (entry) => {
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", `console.log(typeof await import("${entry}"))`], {
      cwd: project,
    });
    expect(stdout).toBe("object\n");
  });

  it("work from one file that esbuild made", async () => {
    await writeFile(join(project, "bundled.ts"), await readFile(join(root, "test/fixtures/bundled.mjs")));
    const command = (await readFile(join(root, "docs/runtimes.md"), "utf8")).match(/^npx (esbuild .*)$/m)?.[1] ?? "";
    await run("npx", ["--no-install", ...command.replaceAll("'", "").split(" ")], { cwd: project, shell });
    const elsewhere = await mkdtemp(join(project, "elsewhere-"));
    await writeFile(join(elsewhere, "app.mjs"), await readFile(join(project, "app.mjs")));
    await writeFile(join(elsewhere, "events.csv"), "k,at,n\na,2024-01-01T00:00:00Z,3\n");
    const { stdout } = await run(process.execPath, ["app.mjs"], { cwd: elsewhere });
    expect(JSON.parse(stdout)).toEqual({ version: "1.0.0", rows: [{ k: "a", at: "2024-02-01T00:00:00.000Z", n: 3 }] });
  }, 120_000);

  describe.each(Object.entries(runtimes))("on %s", (_, { command: [program, ...flags] }) => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(project, "runtime-"));
      await writeFile(join(folder, "events.csv"), "k,at,n\na,2024-01-01T00:00:00Z,3\n");
    });
    const start = async (...args: readonly string[]): Promise<string> => {
      const { stdout } = await run(join(project, program), [...flags, ...args], { cwd: folder });
      return stdout;
    };

    it("build, publish, and join a feature", async () => {
      await writeFile(join(folder, "app.mjs"), await readFile(join(root, "test/fixtures/bundled.mjs")));
      expect(JSON.parse(await start("app.mjs"))).toEqual({ version: "1.0.0", rows: [{ k: "a", at: "2024-02-01T00:00:00.000Z", n: 3 }] });
    });

    it("build a function over batches without an engine", async () => {
      await writeFile(join(folder, "function.mjs"), await readFile(join(root, "test/fixtures/function-feature.mjs")));
      expect(JSON.parse(await start("function.mjs"))).toMatchObject({ built: [["doubled", "1.0.0", 3]] });
    });

    it("give the command mlforge, which reads definitions in TypeScript", async () => {
      await writeFile(join(folder, "definitions.ts"), definitions);
      const mlforge = join(project, "node_modules/@mlforge/cli/bin/mlforge.js");
      const built: unknown = JSON.parse(await start(mlforge, "build", "--force", "--json"));
      expect(built).toMatchObject({ built: [{ feature: "total", rows: 1 }], failed: [] });
      expect(await start(mlforge, "preview", "total", "--version", "latest")).toBe(
        "k  at                    n\na  2024-01-01T00:00:00Z  3\n",
      );
    });
  });

  it.each([
    ["the TypeScript of this repository", "typescript", ["es2022", "esnext.disposable", "dom"], entries],
    // The library of an old project, without a browser.
    ["TypeScript 5.7 and ES2020", "typescript5", ["es2020"], entries.filter((entry) => /\/(core|engine-duckdb|store-\w+)$/.test(entry))],
  ])("have types that resolve with %s, in a strict project that checks them", { timeout: 180_000 }, async (_, compiler, lib, names) => {
    const folder = await mkdtemp(join(project, "types-"));
    const imports = names.map((entry, position) => `export * as entry${position} from "${entry}";`);
    await writeFile(join(folder, "consumer.ts"), imports.join("\n"));
    const options = { target: "es2020", lib, module: "nodenext", strict: true, noEmit: true, types: ["node"], skipLibCheck: false };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["."] }));
    const tsc = join(project, "node_modules", compiler, "bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, "--pretty", "false"], { cwd: folder }).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  });

  it("give the command mlforge", async () => {
    const { stdout } = await run("npx", ["--no-install", "mlforge", "--help"], { cwd: project, shell });
    expect(stdout).toMatch(/^Usage: mlforge/m);
  });

  it.each(publicPackages.map(({ manifest }) => manifest.name))("%s holds its licence and no file of its tests", (name) => {
    const files = execFileSync("tar", ["--list", "--gzip", "--file", tarballOf(name)], { encoding: "utf8" })
      .trim()
      .split("\n");
    expect(files).toContain("package/LICENSE");
    expect(files.filter((file) => /\.tsbuildinfo$|^package\/test\//.test(file))).toEqual([]);
  });
});
