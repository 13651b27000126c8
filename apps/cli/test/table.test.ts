import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { renderFields } from "../src/fields.js";
import { renderTable } from "../src/table.js";

describe("a table", () => {
  it("aligns columns by the width that a terminal shows", () => {
    const table = renderTable(
      [{ title: "NAME" }, { title: "ROWS", align: "right" }],
      [
        ["東京", "1"],
        ["café", "1,000"],
      ],
      80,
    );
    expect(table).toBe("NAME   ROWS\n東京      1\ncafé  1,000");
  });

  it("cuts the widest column, and the first one last", () => {
    const rows = [["airport_total_delay", "origin", "x".repeat(60)]];
    expect(renderTable([{ title: "NAME" }, { title: "KEYS" }, { title: "WHY" }], rows, 40)).toBe(
      `NAME                 KEYS    WHY\nairport_total_delay  origin  ${"x".repeat(10)}…`,
    );
    expect(renderTable([{ title: "NAME" }, { title: "KEYS" }, { title: "WHY" }], rows, 30).split("\n")[1]).toBe(
      "airport_tot…  origin  xxxxxxx…",
    );
  });

  it("leaves out the last columns where there are too many, and names them", () => {
    const columns = ["a", "b", "c"].map((name) => ({ title: name.repeat(20) }));
    expect(renderTable(columns, [["1", "2", "3"]], 20)).toBe("aaaaaaaaa…  bbbbbbb…\n1           2\nnot shown (use --js…");
    expect(renderTable(columns, [["1", "2", "3"]], 25).split("\n")[2]).toBe("not shown (use --json): …");
  });

  it("goes on in the next line where a column is wrapped", () => {
    const columns = [{ title: "NAME" }, { title: "WHY", wrap: true }];
    const why = "columns removed: a; not made latest: 2.0.0 is higher";
    expect(renderTable(columns, [["total", why]], 28)).toBe(
      "NAME   WHY\ntotal  columns removed: a;\n       not made latest:\n       2.0.0 is higher",
    );
    expect(renderTable(columns, [["total", why]], Number.POSITIVE_INFINITY)).toBe(`NAME   WHY\ntotal  ${why}`);
  });

  it("keeps every character of a column that is wrapped, in lines that have room", () => {
    const text = fc
      .array(fc.string({ unit: fc.constantFrom("a", "é", "日", "👩‍🚀"), maxLength: 70 }), { maxLength: 9 })
      .map((words) => words.join(" "));
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 60 }), (cell, width) => {
        const lines = renderTable([{ title: "T", wrap: true }], [[cell]], width)
          .split("\n")
          .slice(1);
        expect(lines.join("").replaceAll(" ", "")).toBe(cell.replaceAll(" ", ""));
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("is never wider than the terminal, and has one line for each row", () => {
    const cell = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "binary" }),
      fc.constantFrom("\n", "\t", "\u001b[31m", "日本語"),
    );
    const tables = fc.integer({ min: 1, max: 12 }).chain((count) => {
      const row = fc.array(cell, { minLength: count, maxLength: count });
      return fc.tuple(row, fc.array(row, { maxLength: 5 }));
    });
    fc.assert(
      fc.property(tables, fc.integer({ min: 20, max: 200 }), ([titles, rows], width) => {
        const columns = titles.map((title) => ({ title }));
        const lines = renderTable(columns, rows, width).split("\n");
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
        expect([rows.length + 1, rows.length + 2]).toContain(lines.length);
      }),
    );
  });
});

describe("fields", () => {
  it("show what a terminal would obey as escapes", () => {
    expect(renderFields([["description", "\u001b[31mred\u202e\n"]])).toBe("description  \\u001b[31mred\\u202e\\u000a");
  });
});
