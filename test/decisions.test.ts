import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./workspace.js";

const folder = join(root, "docs/decisions");

it("each decision has a number of its own, which its title says too", () => {
  const pages = readdirSync(folder).sort();
  expect(pages.map((page) => page.slice(0, 4))).toEqual(pages.map((_, index) => String(index + 1).padStart(4, "0")));
  const titles = pages.map((page) => readFileSync(join(folder, page), "utf8").split("\n")[0]);
  expect(titles).toEqual(pages.map((_, index) => expect.stringMatching(new RegExp(`^# ${index + 1}\\. `))));
});
