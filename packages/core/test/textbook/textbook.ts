import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { mapInputs, type Plan, type Scan, type Schema, schemaOf } from "@mlforge/spec";
import { type Cell, rowsOf } from "@mlforge/testkit/engine";
import { afterAll, expect, it } from "vitest";
import { contentOf, relationOf } from "../../src/define/relation-builder.js";
import type { AnySource, From } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

/** Rows of a source, with each cell in the text form of a literal. */
export interface Table {
  readonly source: AnySource;
  readonly rows: readonly Readonly<Record<string, string | null>>[];
}

export const from: From = (source) => relationOf(source, () => []);

/** Tests that a feature in the builder has the rows of the same feature in SQL. The names of tables are those of the sources. */
export function sameRows(name: string, tables: readonly Table[], built: object, query: string): void {
  it(name, async () => {
    const content = contentOf(built);
    if (content === undefined) throw new TypeError("not a relation");
    const plan = withRows(content.plan, tables);
    const columns = content.schema.map((column) => ({ ...column, nullable: true }));
    const inputs = Object.fromEntries(tables.map((table) => [table.source.name, values(columnsIn(table), table)]));
    const wanted = inOrder(await rowsOf(engine, { op: "sql", query, inputs, columns }));
    const found = inOrder(await rowsOf(engine, plan));
    expect(wanted.length).toBeGreaterThan(2);
    expect(found.map((row) => row.map(rounded))).toEqual(wanted.map((row) => row.map(rounded)));
  });
}

function columnsIn({ source }: Table): Schema {
  return schemaOf(contentOf(relationOf(source, () => []))?.plan ?? { op: "values", columns: [], rows: [] });
}

function withRows(plan: Plan, tables: readonly Table[]): Plan {
  if (plan.op === "scan") return scanned(plan, tables);
  return mapInputs(
    plan,
    (input) => withRows(input, tables),
    (scan) => scan,
  );
}

function scanned(scan: Scan, tables: readonly Table[]): Plan {
  const table = tables.find(({ source }) => source.name === scan.source);
  if (table === undefined || scan.columns === undefined) throw new TypeError(`no rows of ${scan.source}`);
  return values(scan.columns, table);
}

function values(columns: Schema, { rows }: Table): Plan {
  return { op: "values", columns, rows: rows.map((row) => columns.map(({ name }) => row[name] ?? null)) };
}

/** Sums of floats depend on the order of the rows. */
function rounded(cell: Cell): Cell {
  return typeof cell === "number" && Number.isFinite(cell) ? Number(cell.toPrecision(11)) : cell;
}

function inOrder(rows: readonly Cell[][]): readonly Cell[][] {
  const text = (row: readonly Cell[]): string => row.map((cell) => String(cell).padStart(20)).join("\0");
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** Returns numbers from 0 to below `limit` that look random and are the same in each run. */
export function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * limit);
  };
}

/** Returns the text of a timestamp that many minutes after the beginning of 2024. */
export function minute(minutes: number): string {
  return new Date(Date.UTC(2024, 0, 1) + minutes * 60_000).toISOString().replace("Z", "000Z");
}
