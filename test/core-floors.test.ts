import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf } from "./imports-of.js";
import { root } from "./workspace.js";

/** The floors of `packages/core/src`, the lowest first. A folder imports folders of lower floors only, so the folders of one floor know nothing of each other. */
const floors: readonly (readonly string[])[] = [
  ["define"],
  ["log"],
  ["sources"],
  ["resolve"],
  ["read"],
  ["periods"],
  ["compute"],
  ["build", "diagnose", "diff", "environment", "features", "manifest", "prune", "sync", "train", "verify"],
  ["definitions"],
  ["."],
];

/** Files that may import each other's types: every kind of expression gives expressions of other kinds. */
const mutual = /^define\/([a-z]+-)?expr\.ts$/;

const source = join(root, "packages/core/src");
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const imports = new Map(
  files.map((file) => {
    const relative = importsOf(readFileSync(join(source, file), "utf8")).filter(({ specifier }) => specifier.startsWith("."));
    return [file, relative.map(({ specifier }) => normalize(join(dirname(file), specifier)).replace(/\.js$/, ".ts"))];
  }),
);

function floorOf(file: string): number {
  return floors.findIndex((folders) => folders.includes(dirname(file)));
}

describe("the folders of core", () => {
  it("each stand on a floor", () => {
    expect(files.filter((file) => floorOf(file) === -1)).toEqual([]);
  });

  it("import lower floors only", () => {
    const upward = files.flatMap((file) =>
      (imports.get(file) ?? [])
        .filter((target) => dirname(target) !== dirname(file) && floorOf(target) >= floorOf(file))
        .map((target) => `${file} -> ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it("leave the commit log alone: it knows nothing of features", () => {
    expect(
      files
        .filter((file) => dirname(file) === "log")
        .flatMap((file) => (imports.get(file) ?? []).filter((target) => dirname(target) !== "log")),
    ).toEqual([]);
  });

  it("have no circle of imports, not even of types, but that of the kinds of expressions", () => {
    const circular = files.filter((file) => !mutual.test(file) && reaches(file, file));
    expect(circular).toEqual([]);
  });
});

function reaches(from: string, goal: string): boolean {
  const seen = new Set<string>();
  const open = [...(imports.get(from) ?? [])];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (file === goal) return true;
    if (seen.has(file)) continue;
    seen.add(file);
    open.push(...(imports.get(file) ?? []));
  }
  return false;
}
