import * as fc from "fast-check";
import { expect, it } from "vitest";
import { isVersion } from "../../src/log/version.js";
import { messagesOf } from "./compiler.js";

const number = fc.oneof(
  fc.constantFrom("0", "1", "01", "-1", "-0", "", "x", "999999999", "1000000000", "1e3", "+1", " 1"),
  fc.nat().map(String),
);
const near = fc.array(number, { minLength: 2, maxLength: 4 }).map((parts) => parts.join("."));
const text = fc.oneof(
  { weight: 3, arbitrary: near },
  fc.tuple(number, number, number).map((parts) => parts.join(".")),
  fc.constantFrom("latest", "latset", "1.0", "v1.0.0", "^1.0", "1.0.0-rc.1", "1.0.0 ", "999999999.999999999.999999999"),
);

it("the compiler and a build accept the same numbers", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const texts = [...fc.sample(text, { numRuns: 300, seed }), "1.0.0", "0.0.0", "1.0"];
  const lines = texts.map(
    (each, index) => `export const e${index}: unknown extends CheckedNumber<${JSON.stringify(each)}> ? true : false = ${isVersion(each)};`,
  );
  const module = `import type { CheckedNumber } from "../../src/define/version-text.js";\n${lines.join("\n")}\n`;
  const messages = messagesOf(new Map([["versions.ts", module]])).get("versions.ts");
  expect({ seed, messages }).toEqual({ seed, messages: [] });
});
