import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./workspace.js";

interface Phrase {
  readonly phrase: RegExp;
  readonly instead: string;
}

/** Phrases that read like a translation. A space matches a line break too. */
const banned: readonly Phrase[] = [
  { phrase: /\b(unless|is|are|was|were|be|been|being) told\b/i, instead: "Defaults to X.; Required; takes" },
  { phrase: /\b(held|holds?|holding) (\S+ ){0,4}against\b/i, instead: "check against; compare with" },
  { phrase: /\banew\b/i, instead: "again" },
  { phrase: /\bmeanwhile\b/i, instead: "while ...; in between" },
  { phrase: /\bmend(s|ed|ing)?\b/i, instead: "fix" },
  { phrase: /\bends with( code)? \d/i, instead: "exits with code N" },
  { phrase: /(?<!there )\b(is|are) no (?!longer\b|more\b)/i, instead: "is not a; has no" },
  { phrase: /\bthere (are|is) (\$\{|fewer)/i, instead: "known X: ...; X is out of range: ..." },
  { phrase: /(?<!may or )\bmay not\b/i, instead: "must not; cannot; might not" },
  { phrase: /\bof which there\b|\bwhat is it that\b|\btaken for dead\b/i, instead: "a short active sentence" },
  {
    phrase: /\b\w*(behaviour|colour|favour|recognis|normalis|serialis|initialis|optimis|summaris|misspelt)\w*/i,
    instead: "American spelling",
  },
];

/** Noun fragments at the start of a doc comment. */
const fragments: readonly Phrase[] = [{ phrase: /\/\*\* (What|Whether|Of|As) /, instead: "a verb, or the noun it names" }];

function filesIn(folder: string, ending: string, recursive = false): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { encoding: "utf8", recursive })
    .filter((name) => name.endsWith(ending) && !name.endsWith("CHANGELOG.md"))
    .map((name) => join(folder, name).replaceAll("\\", "/"));
}

/** Joins the lines of paragraphs and comments. Keeps the length, so that an index still leads to its line. */
function joined(text: string): string {
  return text.replace(/\n[ \t]*(\*(?!\/)|\/\/)?/g, (lineBreak) => " ".repeat(lineBreak.length));
}

function problemsIn(path: string, text: string, phrases: readonly Phrase[]): string[] {
  // Code in a page quotes names, such as those of tests.
  const prose = path.endsWith(".md") ? text.replace(/`[^`]*`/g, (code) => code.replace(/[^\n]/g, "x")) : text;
  return phrases.flatMap(({ phrase, instead }) =>
    [...joined(prose).matchAll(new RegExp(phrase.source.replaceAll(" ", " +"), `${phrase.flags}g`))].map(({ 0: found, index }) => {
      const line = text.slice(0, index).split("\n").length;
      return `${path}:${line}: "${found.replace(/ +/g, " ").trim()}"; write: ${instead}`;
    }),
  );
}

function problemsOf(paths: readonly string[], phrases: readonly Phrase[]): string[] {
  return paths.flatMap((path) => problemsIn(path, readFileSync(join(root, path), "utf8"), phrases));
}

describe("plain English", () => {
  const folders = ["packages", "apps", "examples"].flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`));
  const pages = [".", ".changeset", "benchmarks", "docs", "docs/decisions", ...folders].flatMap((folder) => filesIn(folder, ".md"));
  const sources = folders.filter((folder) => !folder.startsWith("examples/")).flatMap((folder) => filesIn(`${folder}/src`, ".ts", true));

  it("looks at pages and sources", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/errors.md", "packages/core/README.md", ".changeset/README.md"]));
    expect(sources).toContain("apps/create-mlforge/src/main.ts");
  });

  it("finds a phrase across the lines of a page and of a comment", () => {
    expect(problemsIn("a.md", "one\nIt is `full` unless\ntold.\n", banned)).toEqual([
      'a.md:2: "unless told"; write: Defaults to X.; Required; takes',
    ]);
    expect(problemsIn("a.ts", "/**\n * Reads. `full` unless\n   * told. */", banned)).toHaveLength(1);
    expect(problemsIn("a.ts", "/** Whether it reads. */\n/** What it is. */\n/** True if it reads. */", fragments)).toHaveLength(2);
  });

  it("pages have no banned phrase", () => {
    expect(problemsOf(pages, banned)).toEqual([]);
  });

  it("messages, help texts and doc comments have no banned phrase", () => {
    expect(problemsOf(sources, banned)).toEqual([]);
  });

  it("doc comments do not begin with What, Whether, Of or As", () => {
    expect(problemsOf(sources, fragments)).toEqual([]);
  });
});
