import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Import, importsOf } from "./imports-of.js";
import { publicPackages, root, type WorkspacePackage } from "./workspace.js";

/** Which packages of the workspace each kind of package may import, beside itself. A name is matched without `@mlforge/`. */
const rules: readonly { readonly who: RegExp; readonly may: RegExp }[] = [
  { who: /^spec$/, may: /^$/ },
  { who: /^engine-/, may: /^(spec|sql)$/ },
  { who: /^(core|sql|testkit|format-.*|store-.*|source-.*|online-.*)$/, may: /^spec$/ },
  { who: /^(cli|server|studio)$/, may: /^(spec|core|server)$/ },
  { who: /^create-mlforge$/, may: /^(cli|engine-duckdb)$/ },
];

/** What brings native code, wasm or a cloud with it. */
const heavy = /duckdb|aws|smithy|wasm|polars|lmdb|redis|^pg/;

const packages = publicPackages.map((workspacePackage) => ({ ...workspacePackage, ...importsIn(workspacePackage) }));

/** The imports of a package's sources that name another package, and the modules they are in. */
function importsIn({ folder }: WorkspacePackage): { readonly imports: readonly (Import & { readonly where: string })[] } {
  const files = readdirSync(join(root, folder, "src"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const imports = files.flatMap((file) => {
    const found = importsOf(readFileSync(join(root, folder, "src", file), "utf8"));
    return found.map((entry) => ({ ...entry, where: `${folder}/src/${file}` }));
  });
  return { imports: imports.filter(({ specifier }) => !specifier.startsWith(".") && !isBuiltin(specifier)) };
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

describe.each(packages)("$manifest.name", ({ manifest, imports, folder }) => {
  const short = manifest.name.replace("@mlforge/", "");
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies });
  const imported = new Set(imports.map(({ specifier }) => packageOf(specifier)));

  it("imports only those rooms of the house that its own room may import", () => {
    const rule = rules.find(({ who }) => who.test(short));
    expect(rule, `no rule says what ${short} may import; add one`).toBeDefined();
    const rooms = imports.filter(({ specifier }) => specifier.startsWith("@mlforge/"));
    const wrong = rooms.filter(({ specifier }) => !rule?.may.test(packageOf(specifier).replace("@mlforge/", "")));
    expect(wrong).toEqual([]);
    expect(declared.filter((name) => name.startsWith("@mlforge/") && !rule?.may.test(name.replace("@mlforge/", "")))).toEqual([]);
  });

  it("declares every package it imports", () => {
    expect(imports.filter(({ specifier }) => !declared.includes(packageOf(specifier)))).toEqual([]);
  });

  it("imports every package it declares, or passes a peer on that a dependency asks for", () => {
    const passedOn = packages
      .filter((other) => declared.includes(other.manifest.name))
      .flatMap(({ manifest: { peerDependencies = {} } }) => Object.keys(peerDependencies));
    expect(declared.filter((name) => !imported.has(name) && !passedOn.includes(name))).toEqual([]);
  });

  it("references in its tsconfig exactly the packages of the workspace it depends on", () => {
    const { references = [] }: { references?: { path: string }[] } = JSON.parse(readFileSync(join(root, folder, "tsconfig.json"), "utf8"));
    const depends = publicPackages.filter((other) => declared.includes(other.manifest.name)).map((other) => join(root, other.folder));
    expect(references.map(({ path }) => join(root, folder, path)).sort()).toEqual(depends.sort());
  });

  it("says of itself what every package says", () => {
    expect(manifest).toMatchObject({
      license: "MIT",
      type: "module",
      ...(folder.startsWith("packages/") ? { sideEffects: false } : {}),
      engines: { node: ">=20.20.0" },
      repository: { directory: folder },
      publishConfig: { access: "public", provenance: true },
    });
  });
});

describe.each(packages.filter(({ manifest }) => /\/(spec|core)$/.test(manifest.name)))("$manifest.name", ({ manifest, imports }) => {
  it("depends on nothing native, nothing of a cloud and no wasm", () => {
    expect(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) => heavy.test(name))).toEqual([]);
    expect(imports.filter(({ specifier }) => heavy.test(specifier))).toEqual([]);
  });
});

describe("@mlforge/sql", () => {
  it("names no engine: dialects belong to the engines", () => {
    const folder = join(root, "packages/sql/src");
    const engines = readdirSync(join(root, "packages")).filter((name) => name.startsWith("engine-"));
    const names = new RegExp([...engines.map((name) => name.replace("engine-", "")), "spark", "sqlite", "postgres"].join("|"), "i");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => names.test(file) || names.test(readFileSync(join(folder, file), "utf8")))).toEqual([]);
  });
});

describe("@mlforge/spec", () => {
  const spec = packages.find(({ manifest }) => manifest.name === "@mlforge/spec");

  it("has no dependencies", () => {
    expect(spec?.manifest.dependencies ?? {}).toEqual({});
  });

  it("imports only types of Arrow and nothing else", () => {
    expect(spec?.imports.filter(({ specifier, typeOnly }) => specifier !== "apache-arrow" || !typeOnly)).toEqual([]);
  });
});

describe("the rules' own eyes", () => {
  it("see every form of import, and whether it is of types only", () => {
    const text = `
      import a from "a"; import type b from "b"; import { type c } from "c"; import { type d, e } from "d"; import "f";
      export * from "g"; export type { h } from "h"; const i = await import("i"); type J = import("j").J; import * as k from "k";`;
    expect(importsOf(text).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? " type" : ""}`)).toEqual([
      ...["a", "b type", "c type", "d", "f", "g", "h type", "i", "j type", "k"],
    ]);
  });
});
