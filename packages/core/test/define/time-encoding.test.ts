import { knownTimeEncodings, schemaOf, timePattern } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { batches } from "../../src/define/batches-transform.js";
import { t } from "../../src/define/column-types.js";
import { source } from "../../src/define/source.js";
import { sql } from "../../src/define/sql-transform.js";
import { feature } from "../../src/features/feature.js";
import { resolveFeature } from "../../src/resolve/resolve-feature.js";
import { issuesOf } from "./issues-of.js";

const orders = source({
  path: "orders.csv",
  columns: { user: t.string(), at: t.timestamp({ format: "%d/%m/%Y" }), paid: t.timestamp({ unit: "ms", nullable: false }) },
  timestamp: "at",
});

describe("the format or unit of a timestamp", () => {
  it("is part of the scan and not of the columns", () => {
    const { computation, schema } = resolveFeature(feature({ name: "plain", source: orders, keys: ["user"] }), () => []);
    expect(computation).toMatchObject({
      plan: { op: "scan", encodings: { at: { kind: "format", formats: ["%d/%m/%Y"] }, paid: { kind: "epoch", unit: "ms" } } },
    });
    expect(schema).toEqual([
      { name: "user", kind: "string", nullable: true },
      { name: "at", kind: "timestamp", nullable: true },
      { name: "paid", kind: "timestamp", nullable: false },
    ]);
    expect(computation.kind === "plan" && schemaOf(computation.plan)).toEqual(schema);
  });

  it("is left out with its column", () => {
    const narrow = feature({ name: "narrow", source: orders, keys: ["user"], transform: (rows) => rows.select("user", "paid") });
    const { computation } = resolveFeature(narrow, () => []);
    expect(computation).toMatchObject({ plan: { input: { encodings: { paid: { kind: "epoch" } } } } });
    expect(JSON.stringify(computation)).not.toContain("%d/%m/%Y");
    const none = feature({ name: "none", source: orders, keys: ["user"], transform: (rows) => rows.select("user").distinct() });
    expect(JSON.stringify(resolveFeature(none, () => []).computation)).not.toContain("encodings");
  });

  it("is not for the columns that a transform gives", () => {
    const columns = { at: t.timestamp({ format: "%d/%m/%Y" }) };
    expect(issuesOf(() => sql({ query: "SELECT 1", columns }))).toMatchObject([{ path: "sql.columns.at" }]);
    expect(issuesOf(() => batches({ columns, run: (input) => input }))).toMatchObject([{ path: "batches.columns.at" }]);
  });

  it.each([
    ["%d/%m", /no year/],
    ["%m %Y", /no day/],
    ["%Y-%d", /no month/],
    ["%Y-%m-%d %Q", /unknown directive "%Q"/],
    ["%Y-%m-%d %", /unknown directive "%"/],
    ["%Y-%m-%d %d", /%d twice/],
    ["%Y-%m-%d %I:%M", /only one of %I and %p/],
    ["", /no year/],
  ])("is refused as %j", (format, message) => {
    expect(issuesOf(() => t.timestamp({ format }))).toMatchObject([{ message: expect.stringMatching(message) }]);
  });

  it("is one of them, and a known one", () => {
    expect(issuesOf(() => t.timestamp({ format: "%Y-%m-%d", unit: "s" }))).toHaveLength(1);
    // @ts-expect-error no such unit
    expect(issuesOf(() => t.timestamp({ unit: "min" }))).toHaveLength(1);
    expect(issuesOf(() => t.timestamp({ format: [] }))).toHaveLength(1);
  });
});

describe("timePattern", () => {
  const takes = (format: string, text: string): boolean => new RegExp(`^${timePattern(format)}$`).test(text);

  it("takes what a format writes, and nothing beside it", () => {
    expect(takes("%d/%m/%Y", "3/04/2020")).toBe(true);
    expect(takes("%d/%m/%Y", "03/04/20")).toBe(false);
    expect(takes("%d.%m.%Y", "03-04-2020")).toBe(false);
    expect(takes("%Y%m%d", "2020123")).toBe(false);
    expect(takes("100%% (%Y) %m %d", "100% (2020) 1 2")).toBe(true);
  });

  it("exists for every known format", () => {
    const formats = knownTimeEncodings.flatMap((encoding) => (encoding.kind === "format" ? encoding.formats : []));
    expect(formats.map(timePattern)).toHaveLength(21);
  });
});
