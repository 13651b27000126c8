import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./workspace.js";

it("no package lets Node create folders recursively, which never ends below a folder that takes no others, such as /proc", () => {
  const found = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((name) => {
      const source = join(root, parent, name, "src");
      return readdirSync(source, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .filter((file) => /\bmkdir(?:Sync)?\([^;]*recursive: true/.test(readFileSync(join(source, file), "utf8")))
        .map((file) => join(parent, name, "src", file));
    }),
  );
  expect(found).toEqual([]);
});
