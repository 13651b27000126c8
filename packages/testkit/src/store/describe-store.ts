import type { Store } from "@mlforge/spec";
import { abortLaws } from "./conformance/abort.js";
import { bodyLaws } from "./conformance/body.js";
import { capabilityLaws } from "./conformance/capabilities.js";
import { copyLaws } from "./conformance/copy.js";
import { createLaws } from "./conformance/create.js";
import { deleteLaws } from "./conformance/delete.js";
import { fileLaws } from "./conformance/file.js";
import { keyLaws } from "./conformance/keys.js";
import { listLaws } from "./conformance/list.js";
import { modelLaws } from "./conformance/model.js";
import { overwriteLaws } from "./conformance/overwrite.js";
import { rangeLaws } from "./conformance/range.js";
import { refusalLaws } from "./conformance/refusal.js";
import { replaceLaws } from "./conformance/replace.js";
import { stagingLaws } from "./conformance/staging.js";
import type { Law, Runner, StoreTestContext } from "./runner.js";

/**
 * Runs the conformance suite for stores: one test per law, each on a new store from `context.open`.
 *
 * Tests cannot be turned off. If a store declares that it cannot do something, the suite checks that it refuses to.
 *
 * @example
 * describeStore({ describe, it }, "MyStore", {
 *   capabilities: { conditionalPut: "full", workingTree: false, readable: true },
 *   open: async () => new MyStore(await mkdtemp(join(tmpdir(), "my-store-"))),
 * });
 */
export function describeStore(runner: Runner, name: string, context: StoreTestContext): void {
  const law: Law = (title, body) => {
    runner.it(title, async () => {
      await using store: Store = await context.open();
      await body(store);
    });
  };
  runner.describe(`${name} obeys the laws of stores`, () => {
    capabilityLaws(law, context.capabilities);
    bodyLaws(law);
    rangeLaws(law);
    keyLaws(law);
    overwriteLaws(law);
    deleteLaws(law);
    listLaws(law);
    fileLaws(law);
    abortLaws(law);
    stagingLaws(law);
    copyLaws(law, context.capabilities);
    modelLaws(law, context.capabilities);
    if (context.capabilities.conditionalPut === "none") {
      refusalLaws(law);
    } else {
      createLaws(law);
      replaceLaws(law);
    }
  });
}
