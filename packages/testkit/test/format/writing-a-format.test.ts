import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

it("the page shows the format that these tests run the suite on, as it is", async () => {
  const page = await readFile(new URL("../../../../docs/writing-a-format.md", import.meta.url), "utf8");
  const [, shown] = page.match(/^```ts column-format\.ts\n([\s\S]*?)^```$/m) ?? [];
  expect(shown).toBe(await readFile(new URL("column-format.ts", import.meta.url), "utf8"));
});
