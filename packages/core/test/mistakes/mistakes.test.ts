import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { messagesOf, root } from "./compiler.js";
import { mistakes, preamble } from "./mistakes.js";

/** The most characters of a message. The compiler prints the types of the options, shortened, and the sentence. */
const longest = 600;

const about = `# Mistakes that do not compile

<!-- Written by packages/core/test/mistakes/mistakes.test.ts: run it with \`vitest --update\`. -->

If the columns of a source are declared, the TypeScript compiler finds these mistakes while you
type. Each section shows one, with the message of the compiler. All of them follow these
definitions:`;

/** The names that the mistakes use, so that no module has an unused import. */
const unused = "void [airports, count, defs, delays, entity, isIn, labels, notNull, when];";

const modules = mistakes.map(({ code }, index) => [`mistake-${index}.ts`, `${preamble}\n${unused}\n${code}\nexport {};\n`] as const);
const found = messagesOf(new Map([["none.ts", `${preamble}\n${unused}\nexport {};\n`], ...modules]));

function messages(index: number): readonly string[] {
  return found.get(`mistake-${index}.ts`) ?? [];
}

describe("a mistake in a definition", () => {
  it("is the only reason why a module does not compile", () => {
    expect(found.get("none.ts")).toEqual([]);
  });

  it.each(mistakes.map(({ title, names }, index) => ({ title, names, index })))("$title", ({ names, index }) => {
    const [message = "", ...more] = messages(index);
    expect(more).toEqual([]);
    for (const name of names) expect(message).toContain(name);
    expect(message.length).toBeLessThan(longest);
    expect(message).not.toContain("No overload");
  });

  it("is on the page of mistakes, with its message", async () => {
    const sections = mistakes.map(({ title, code }, index) => [
      `## ${title}`,
      `\`\`\`typescript\n${code}\n\`\`\``,
      `\`\`\`text\n${messages(index).join("\n")}\n\`\`\``,
    ]);
    const page = [about, `\`\`\`ts\n${preamble}\n\`\`\``, ...sections.flat()].join("\n\n");
    await expect(`${page}\n`).toMatchFileSnapshot(join(root, "docs/mistakes.md"));
  });
});
