import { deepEqual } from "node:assert/strict";
import { isMlforgeError, type NamedColumn, type Schema } from "@mlforge/spec";
import { collect } from "../memory-file.js";
import { plainRows } from "../plain-value.js";
import type { FormatLaw } from "../runner.js";
import { expectColumns } from "./columns.js";
import { write } from "./tables.js";

const hostile: readonly string[] = [
  ...[
    "",
    " ",
    " a ",
    ".",
    "..",
    "a.b",
    "a",
    "A",
    "b",
    "a.b.c",
    "/",
    "\\",
    "*",
    "%",
    "?",
    "#",
    "--",
    "'",
    '"',
    '""',
    "`",
    "[0]",
    "{}",
    "()",
  ],
  ...["1", "0", "10", "-1", "null", "true", "NaN", "select", "a,b", "a;b", "a\tb", "a\nb", "\r\n", "\0", "a\0b"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "length", "name", "then", "element", "list.element", "key_value"],
  ...["ü", "é", "e\u0301", "中文", "🦔", "\u{10ffff}", "a\ufeff", "\u202e", "x".repeat(1_000)],
];

export function nameLaws(law: FormatLaw): void {
  law("columns can have any name, and each is found by it", async (format) => {
    const columns: Schema = hostile.map((name) => ({ name, kind: "int32", nullable: false }));
    const rows = [0, 1].map((row) => hostile.map((_, position) => 1_000 * row + position));
    const file = await write(format, columns, rows);
    expectColumns(await format.describe(file), columns);
    deepEqual(plainRows(await collect(format.decode(file))), rows);
    const reversed = [...hostile].reverse();
    const batches = await collect(format.decode(file, { columns: reversed }));
    for (const { schema } of batches)
      deepEqual(
        schema.fields.map(({ name }) => name),
        reversed,
      );
    deepEqual(
      plainRows(batches),
      rows.map((row) => [...row].reverse()),
    );
  });

  law("a column with a name that could be a path is not a field of a struct, nor the other way round", async (format) => {
    const field: NamedColumn = { name: "b", kind: "int32", nullable: false };
    const columns: Schema = [
      { name: "a.b", kind: "int32", nullable: false },
      { name: "a", kind: "struct", fields: [field, { ...field, name: "c" }], nullable: false },
      { name: "a.c", kind: "int32", nullable: false },
      { name: "b", kind: "int32", nullable: false },
    ];
    const file = await write(format, columns, [[1, [2, 3], 4, 5]]);
    const expected: Readonly<Record<string, unknown>> = { "a.b": 1, a: [2, 3], "a.c": 4, b: 5 };
    for (const { name } of columns) {
      const batches = await collect(format.decode(file, { columns: [name] }));
      deepEqual(plainRows(batches), [[expected[name]]]);
    }
  });

  law("fields of structs can have any name", async (format) => {
    const fields: Schema = hostile.map((name) => ({ name, kind: "int32", nullable: true }));
    const columns: Schema = [{ name: "all", kind: "struct", fields, nullable: true }];
    const rows = [[hostile.map((_, position) => position)], [hostile.map((_, position) => (position % 3 === 0 ? null : position))], [null]];
    const file = await write(format, columns, rows);
    expectColumns(await format.describe(file), columns);
    deepEqual(plainRows(await collect(format.decode(file))), rows);
  });

  law("a name that begins with a byte order mark is kept, or refused when it is written", async (format) => {
    const columns: Schema = ["\ufeff", "\ufeffa", "a"].map((name) => ({ name, kind: "int32", nullable: false }));
    const file = await write(format, columns, [[1, 2, 3]]).catch((error: unknown) => {
      if (isMlforgeError(error, "SCHEMA_MISMATCH")) return undefined;
      throw error;
    });
    if (file === undefined) return;
    expectColumns(await format.describe(file), columns);
    for (const [position, { name }] of columns.entries())
      deepEqual(plainRows(await collect(format.decode(file, { columns: [name] }))), [[position + 1]]);
  });
}
