import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MlforgeError } from "../src/index.js";

/** Names with every line break of Unicode. */
const names = fc
  .array(fc.constantFrom("a", '"', "\\", " ", "\n", "\r\n", "\v", "\f", "\u0085", "\u2028", "\u2029"))
  .map((parts) => parts.join(""));
const lineBreak = /[\n\v\f\r\u0085\u2028\u2029]/;
const unescaped = (text: string): string =>
  text.replace(/\\u(000a|000b|000c|000d|0085|2028|2029)/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));

describe("the message of an MlforgeError", () => {
  it("is one line if it is given as text, and names keep all of their characters", () => {
    fc.assert(
      fc.property(names, (name) => {
        const { message } = new MlforgeError("UNEXPECTED", `column "${name}" is missing`, { where: "here" });
        expect(message).not.toMatch(lineBreak);
        expect(unescaped(message)).toBe(`column "${name}" is missing`);
      }),
    );
  });

  it("has exactly the lines that it is given", () => {
    fc.assert(
      fc.property(fc.array(names, { minLength: 1 }), (lines) => {
        const { message } = new MlforgeError("UNEXPECTED", lines, { where: "here" });
        expect(message.split(lineBreak).map(unescaped)).toEqual(lines);
      }),
    );
  });
});
