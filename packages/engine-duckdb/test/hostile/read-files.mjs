// Reads files that may be damaged and prints what became of each. If this process dies, the last line names the file that it was reading.
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";

/** The maximum time for one file. */
const deadlineMs = 10_000;

const files = JSON.parse(readFileSync(process.argv[2], "utf8"));
const engine = new DuckDBEngine({ threads: 1, memoryLimit: "512MB" });
for (const [index, { path, scan, isWritten }] of files.entries()) {
  print({ begins: index });
  const began = performance.now();
  // Also ends a process whose engine does not respond.
  const deadline = setTimeout(() => process.exit(3), deadlineMs);
  const outcome = await read(scan, isWritten ? pathToFileURL(`${path}.read`).href : undefined);
  clearTimeout(deadline);
  print({ index, ms: Math.round(performance.now() - began), ...outcome });
}
await engine[Symbol.asyncDispose]();
print({ peak: process.resourceUsage().maxRSS * 1024 });

function print(line) {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

async function read(scan, url) {
  let rows = 0;
  try {
    for await (const batch of engine.run(scan)) rows += batch.numRows;
    if (url !== undefined) await engine.write(scan, { format: "parquet", url });
    return { rows };
  } catch (error) {
    return { code: error.code ?? "UNEXPECTED", message: String(error.message) };
  }
}
