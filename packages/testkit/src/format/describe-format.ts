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
    valueLaws(law);
  });
}
