import { escapeControls } from "@mlforge/spec";
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

  it("cuts the widest columns, but no titles, no numbers, and nothing in the first column", () => {
    const columns = [{ title: "NAME" }, { title: "KEYS" }, { title: "ROWS", align: "right" as const }, { title: "WHY" }];
    const rows = [["airport_total_delay", "origin", "1,234,567,890,123", "x".repeat(60)]];
    expect(renderTable(columns, rows, 70)).toBe(
      `NAME                 KEYS                 ROWS  WHY\nairport_total_delay  origin  1,234,567,890,123  ${"x".repeat(21)}…`,
    );
    expect(renderTable(columns, rows, 64).split("\n")[1]).toBe(`airport_total_delay  origin  1,234,567,890,123  ${"x".repeat(15)}…`);
    expect(renderTable(columns, rows, 63)).toMatch(/^-- row 1 --\nNAME {2}airport_total_delay\n/);
  });

  it("shows columns below each other where they have no room beside each other", () => {
    const columns = [{ title: "user_spend_total_30d" }, { title: "user_spend_total_90d", align: "right" as const }, { title: "日本" }];
    const rows = [
      ["ann", "12.5", "東京タワー"],
      ["bo", "", "two words and two more of them"],
    ];
    expect(renderTable(columns, rows, 44)).toBe(
      [
        "-- row 1 --",
        "user_spend_total_30d  ann",
        "user_spend_total_90d  12.5",
        "日本                  東京タワー",
        "",
        "-- row 2 --",
        "user_spend_total_30d  bo",
        "user_spend_total_90d",
        "日本                  two words and two more",
        "                      of them",
      ].join("\n"),
    );
    expect(renderTable(columns, [["ann", "12.5", "x".repeat(200)]], 24)).toBe(
      [
        "-- row 1 --",
        "user_spend_total_30d",
        "  ann",
        "user_spend_total_90d",
        "  12.5",
        "日本",
        ...Array(3).fill(`  ${"x".repeat(22)}`),
        `  ${"x".repeat(21)}…`,
      ].join("\n"),
    );
    expect(renderTable(columns, [], 44)).toBe("user_spend_total_30d\nuser_spend_total_90d\n日本\n(no rows)");
  });

  it("lays out a cell of 60,000 characters", () => {
    const cell = "日本é ".repeat(15_000);
    const word = "日本é".repeat(20_000);
    for (const long of [cell, word])
      for (const wrap of [false, true]) {
        const table = renderTable([{ title: "NAME" }, { title: "TEXT", wrap }], [["a", long]], 80);
        expect(stringWidth(table.split("\n")[1] ?? "")).toBeLessThanOrEqual(80);
      }
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

  it("is never wider than the terminal, and never cuts a title, a number, or the first column", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "_", "é", "日", "👩‍🚀", "\n", "\t", "\u001b[31m"), minLength: 1, maxLength: 40 });
    const column = fc.record({ title: word, align: fc.constantFrom("left" as const, "right" as const), wrap: fc.boolean() });
    const tables = fc.array(column, { minLength: 1, maxLength: 12 }).chain((columns) => {
      const row = fc.array(word, { minLength: columns.length, maxLength: columns.length });
      // Lines of cells that are wrapped stand between those of others.
      const some = columns.map((each, index) => ({ ...each, wrap: each.wrap && each.align === "left" && index > 0 }));
      return fc.tuple(fc.constant(some), fc.array(row, { minLength: 1, maxLength: 5 }));
    });
    fc.assert(
      fc.property(tables, fc.integer({ min: 20, max: 200 }), ([columns, rows], width) => {
        const table = renderTable(columns, rows, width);
        expect(Math.max(...table.split("\n").map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
        const shown = table.replaceAll(/\s+/g, "");
        for (const { title } of columns) expect(shown).toContain(escapeControls(title));
        for (const cells of rows)
          for (const [index, cell] of cells.entries())
            if (index === 0 || columns[index]?.align === "right") expect(shown).toContain(escapeControls(cell));
      }),
    );
  });
});

describe("fields", () => {
  it("show what a terminal would obey as escapes", () => {
    expect(renderFields([["description", "\u001b[31mred\u202e\n"]])).toBe("description  \\u001b[31mred\\u202e\\u000a");
  });
});
