import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { type Engine, type Expression, type Plan, schemaOf, type WriteResult, type WrittenFile } from "@mlforge/spec";

export interface FolderEngine {
  readonly engine: Engine;
  /** The targets of all writes so far, in order. */
  readonly targets: readonly string[];
}

/**
 * An engine that writes folders as clusters do: the rows of a plan, in order, in `parts` files.
 *
 * @param hashes Reports the sizes and hashes of the files, so nobody needs to read them.
 * @param onFile Called before each file is written.
 */
export function folderEngine(parts: number, hashes: boolean, onFile: (url: string) => void = () => undefined): FolderEngine {
  const inner = new DuckDBEngine({ threads: 1 });
  const targets: string[] = [];
  const engine: Engine = {
    specVersion: 1,
    name: "folders",
    version: "1",
    capabilities: { ...inner.capabilities, output: "folder" },
    describe: (plan, options) => inner.describe(plan, options),
    run: (plan, options) => inner.run(plan, options),
    async write(plan, target, options): Promise<WriteResult> {
      targets.push(target.url);
      await mkdir(fileURLToPath(target.url), { recursive: true });
      const scratch = await mkdtemp(join(tmpdir(), "mlforge-folders-"));
      try {
        const whole = pathToFileURL(join(scratch, "whole.parquet")).href;
        const { rows } = await inner.write(plan, { url: whole, format: "parquet" }, options);
        const files: WrittenFile[] = [];
        for (let part = 0; part < parts; part++) {
          const [from, to] = [Math.floor((rows * part) / parts), Math.floor((rows * (part + 1)) / parts)];
          const url = `${target.url}/part-${String(part).padStart(5, "0")}.${target.format}`;
          onFile(url);
          await inner.write(slice(plan, whole, from, to), { ...target, url }, options);
          files.push({ url, ...(hashes ? await stateOf(url) : {}) });
        }
        return { rows, files };
      } finally {
        await rm(scratch, { recursive: true });
      }
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return { engine, targets };
}

/** Selects the rows of a file by their numbers. */
function slice(plan: Plan, url: string, from: number, to: number): Plan {
  const columns = schemaOf(plan);
  const row: Expression = { expr: "column", name: "row number" };
  const number = (value: number): Expression => ({ expr: "literal", kind: "int64", value: String(value) });
  const isIn: Expression = {
    expr: "call",
    function: "and",
    arguments: [
      { expr: "call", function: "greaterOrEqual", arguments: [row, number(from)] },
      { expr: "call", function: "less", arguments: [row, number(to)] },
    ],
  };
  const input: Plan = { op: "scan", source: "whole", format: { kind: "parquet" }, paths: [url], columns };
  return {
    op: "project",
    columns: columns.map(({ name }) => ({ name, value: { expr: "column", name } })),
    input: { op: "filter", condition: isIn, input: { op: "numberRows", column: "row number", input } },
  };
}

async function stateOf(url: string): Promise<Pick<WrittenFile, "size" | "sha256">> {
  const bytes = await readFile(fileURLToPath(url));
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
