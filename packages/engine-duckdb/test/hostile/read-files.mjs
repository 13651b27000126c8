// Reads files that may be damaged, each with an engine's own words about it. What it was reading when it died is the last line that begins.
import { readFileSync, writeSync } from "node:fs";
import { DuckDBEngine } from "@mlforge/engine-duckdb";

const files = JSON.parse(readFileSync(process.argv[2], "utf8"));
const engine = new DuckDBEngine({ threads: 1, memoryLimit: "512MB" });
for (const [index, { scan }] of files.entries()) {
  writeSync(1, `${JSON.stringify({ begins: index })}\n`);
  const outcome = await read(scan);
  writeSync(1, `${JSON.stringify({ index, ...outcome })}\n`);
}
await engine[Symbol.asyncDispose]();
writeSync(1, `${JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 })}\n`);

async function read(scan) {
  let rows = 0;
  try {
    for await (const batch of engine.run(scan)) rows += batch.numRows;
    return { rows };
  } catch (error) {
    return { code: error.code ?? "UNEXPECTED", message: String(error.message) };
  }
}
