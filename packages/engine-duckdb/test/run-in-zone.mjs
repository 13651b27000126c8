// Runs plans in a process of its own, whose time zone is that of its environment, and prints the rows.
import { DuckDBEngine } from "../dist/index.js";

const engine = new DuckDBEngine();
const rows = [];
for (const plan of JSON.parse(process.argv[2])) {
  for await (const batch of engine.run(plan)) rows.push(...batch.toArray().map((row) => Object.entries(row.toJSON()).map(String)));
}
await engine[Symbol.asyncDispose]();
const offset = new Date(2024, 6, 1).getTimezoneOffset();
console.log(JSON.stringify({ offset, rows }));
