import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ownVersion } from "../../src/build/own-version.js";

it("is the version in package.json", () => {
  expect(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).toMatchObject({ version: ownVersion });
});
