import { describe, it } from "vitest";
// By its path, because the tests of the testkit use this engine: packages that depend on each other cannot be built.
import { describeEngine } from "../../testkit/src/engine/index.js";
import { DuckDBEngine } from "../src/index.js";

describeEngine({ describe, it }, "DuckDBEngine", {
  capabilities: new DuckDBEngine().capabilities,
  // More threads than most machines of a CI have cores, so that the order of rows can break.
  open: async () => new DuckDBEngine({ threads: 4 }),
});
