import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plan, SourceFormat } from "@mlforge/spec";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rowsOf } from "../../../testkit/src/engine/arrow-rows.js";
import { DuckDBEngine } from "../../src/index.js";
import { TextFolder } from "./text-scan.js";

const minuteMs = 60_000;

/** Files that are not read as they stand, one of each kind. */
const copied: readonly (readonly [string, SourceFormat, string | Uint8Array])[] = [
  ["compressed CSV", { kind: "csv", compression: "gzip" }, gzipSync("k,n\na,1\n")],
  ["compressed NDJSON", { kind: "ndjson", compression: "gzip" }, gzipSync('{"k":"a","n":1}\n')],
  ["CSV in UTF-16", { kind: "csv", encoding: "utf-16" }, Buffer.from("\ufeffk,n\na,1\n", "utf16le")],
  ["CSV with lines to skip", { kind: "csv", skip: 1 }, "title\nk,n\na,1\n"],
  ["NDJSON with a byte order mark", { kind: "ndjson" }, '\ufeff{"k":"a","n":1}\n'],
  ["NDJSON with long numbers, compressed", { kind: "ndjson", compression: "gzip" }, gzipSync('{"k":"a","n":12345678901234567890}\n')],
];

describe("a copy of a text file", () => {
  let folder: TextFolder;
  let temporary: string;
  let engine: DuckDBEngine;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    folder = await TextFolder.open();
    temporary = await mkdtemp(join(tmpdir(), "mlforge-copies-"));
    engine = new DuckDBEngine({ threads: 2, tempDirectory: temporary });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await engine[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    await rm(temporary, { recursive: true });
  });

  async function copies(): Promise<readonly string[]> {
    const found = await readdir(temporary, { recursive: true, withFileTypes: true });
    return found.filter((entry) => entry.isFile()).map(({ name }) => name);
  }

  async function expectCopies(count: number): Promise<void> {
    vi.useRealTimers();
    await vi.waitFor(async () => expect(await copies()).toHaveLength(count));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  }

  it.each(copied)("of %s is removed after the query, and made again for the next", async (_, format, content) => {
    const plan: Plan = folder.scan(format, await folder.write(content, format.kind));
    const first = await rowsOf(engine, plan);
    expect((await copies()).length).toBeGreaterThan(0);
    vi.advanceTimersByTime(minuteMs);
    await expectCopies(0);
    expect(await rowsOf(engine, plan)).toEqual(first);
    vi.advanceTimersByTime(minuteMs);
    await expectCopies(0);
  });

  it("is kept while any query reads it, and is one for queries that follow each other", async () => {
    const path = await folder.write(gzipSync(`k\n${"a\n".repeat(200_000)}`));
    const plan = folder.scan({ kind: "csv", compression: "gzip" }, path);
    await engine.describe(plan);
    const slow = engine.run(plan);
    expect((await slow.next()).value?.numRows).toBe(65_536);
    const made = await copies();
    expect(made).toHaveLength(1);
    await rowsOf(engine, plan);
    vi.advanceTimersByTime(minuteMs);
    expect(await copies()).toEqual(made);
    let rows = 65_536;
    for await (const batch of slow) rows += batch.numRows;
    expect(rows).toBe(200_000);
    vi.advanceTimersByTime(minuteMs);
    await expectCopies(0);
  });

  it("does not stay behind a query that fails or is aborted", async () => {
    const path = await folder.write(gzipSync("k\na\n"));
    const format: SourceFormat = { kind: "csv", compression: "gzip" };
    await expect(
      engine.describe({
        op: "sql",
        query: "SELECT nothing FROM rows",
        columns: [],
        inputs: { rows: folder.scan(format, path) },
      }),
    ).rejects.toThrow();
    const controller = new AbortController();
    const rows = engine.run(folder.scan(format, path), { signal: controller.signal });
    await rows.next();
    controller.abort(new Error("enough"));
    await rows.return();
    vi.advanceTimersByTime(minuteMs);
    await expectCopies(0);
  });
});
