import { equal, match, notEqual } from "node:assert/strict";
import { abortLaws } from "./conformance/aborts.js";
import { corruptionLaws } from "./conformance/corrupt.js";
import { encodeLaws } from "./conformance/encode.js";
import { memoryLaws } from "./conformance/memory.js";
import { nameLaws } from "./conformance/names.js";
import { projectionLaws } from "./conformance/projection.js";
import { rowLaws } from "./conformance/rows.js";
import { valueLaws } from "./conformance/values.js";
import type { FormatLaw, FormatTestContext, Runner } from "./runner.js";

/**
 * Runs the conformance suite for formats: one test per law, each on a format from `context.open`. Tests cannot be turned off.
 *
 * @example
 * describeFormat({ describe, it }, "MyFormat", { open: () => new MyFormat() });
 */
export function describeFormat(runner: Runner, name: string, { open }: FormatTestContext): void {
  const law: FormatLaw = (title, body) => {
    runner.it(title, () => body(open()));
  };
  runner.describe(`${name} obeys the laws of formats`, () => {
    law("has specVersion 1, a name and a version", async ({ specVersion, name, version }) => {
      equal(specVersion, 1);
      match(name, /^[a-z][a-z0-9-]*$/);
      notEqual(version, "");
    });
    valueLaws(law);
    rowLaws(law);
    projectionLaws(law);
    nameLaws(law);
    encodeLaws(law);
    corruptionLaws(law);
    abortLaws(law);
    memoryLaws(law);
  });
}
