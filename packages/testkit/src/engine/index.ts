export { type Cell, onlyValue, rowsOf } from "./arrow-rows.js";
export { describeEngine } from "./describe-engine.js";
export type { EngineTestContext, Runner } from "./runner.js";
