import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ParquetFormat } from "@mlforge/format-parquet";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../", import.meta.url));

/** What a program of its own prints. */
async function run(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder });
  return stdout;
}

describe("ParquetFormat", () => {
  it("loads neither Arrow nor wasm when it is constructed", async () => {
    const printed = await run(`
      import { register } from "node:module";
      import { writeSync } from "node:fs";
      register("data:text/javascript," + encodeURIComponent(\`
        import { writeSync } from "node:fs";
        export async function resolve(specifier, context, next) {
          writeSync(1, specifier + "\\\\n");
          return next(specifier, context);
        }
      \`));
      const { ParquetFormat } = await import("@mlforge/format-parquet");
      new ParquetFormat();
      writeSync(1, "constructed");
    `);
    expect(printed).toContain("./parquet-format.js");
    expect(printed).toMatch(/constructed$/);
    expect(printed).not.toMatch(/arrow|wasm/);
  });

  it("lets the process end after a call", async () => {
    const printed = await run(`
      import { openAsBlob } from "node:fs";
      import { ParquetFormat } from "@mlforge/format-parquet";
      const blob = await openAsBlob("test/fixtures/duckdb-zstd.parquet");
      const read = async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer());
      const { columns } = await new ParquetFormat().describe({ name: "f", size: blob.size, read });
      console.log(columns.length);
    `);
    expect(printed).toBe("18\n");
  });

  it("names the version of parquet-wasm that is installed", () => {
    const entry = createRequire(import.meta.url).resolve("parquet-wasm");
    const { version } = JSON.parse(readFileSync(new URL("../package.json", `file://${entry}`), "utf8"));
    expect(new ParquetFormat().version).toBe(version);
  });
});
