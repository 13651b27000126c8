import { afterAll, describe, it } from "vitest";
import { describeEngine } from "../../testkit/src/engine/index.js";
import { DuckDBEngine } from "../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

describeEngine({ describe, it }, "DuckDBEngine", {
  capabilities: engine.capabilities,
  open: async () => new DuckDBEngine({ threads: 2 }),
});
