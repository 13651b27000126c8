export { describeConnector } from "./describe-connector.js";
export { memoryDatabase } from "./memory-database.js";
export type { ConnectorTestContext, Runner, TestDatabase } from "./runner.js";
export { type TestRow, testColumns, testRows } from "./test-rows.js";
