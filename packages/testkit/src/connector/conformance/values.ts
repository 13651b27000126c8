import { deepEqual, equal, rejects } from "node:assert/strict";
import { isMlforgeError, type NamedColumn, type Schema } from "@mlforge/spec";
import type { ConnectorLaw } from "../runner.js";
import { testColumns, testRows } from "../test-rows.js";
import { expectedRow, readTable, requestOf } from "./rows.js";

const onlyText: Schema = testColumns.filter(({ name }) => name === "text");

export function valueLaws(law: ConnectorLaw): void {
  law("every value arrives exactly, and null stays null", async (database, tools) => {
    await database.write("exact", testRows);
    const { rows } = await readTable(database, "exact", tools);
    deepEqual([...rows].sort(), testRows.map((row) => expectedRow(row)).sort());
  });

  law("null and the empty string stay different, even in a single column, and every row arrives", async (database, tools) => {
    await database.write("single", testRows);
    const { rows } = await readTable(database, "single", tools, onlyText);
    deepEqual([...rows].sort(), testRows.map((row) => expectedRow(row, onlyText)).sort());
  });

  law("a read returns the number of rows it wrote", async (database, tools) => {
    for (const count of [0, 1, testRows.length]) {
      await database.write("counted", testRows.slice(0, count));
      const { read, rows } = await readTable(database, "counted", tools);
      deepEqual({ told: read.rows, written: rows.length }, { told: count, written: count });
    }
  });

  law("columns are described with the kinds that hold their values", async ({ connector, write, all }) => {
    await write("described", testRows);
    const { columns, unsupported, problems } = await connector.describe({ source: "tests", query: all("described") });
    deepEqual({ columns: columns.map(typeOf), unsupported, problems }, { columns: testColumns.map(typeOf), unsupported: [], problems: [] });
  });

  law(
    "declared columns that are missing or of another kind are problems, and cannot be read",
    async ({ connector, write, all }, { file }) => {
      await write("declared", testRows);
      const query = all("declared");
      const wrong: Schema = [
        { name: "absent", kind: "string", nullable: true },
        { name: "flag", kind: "date", nullable: true },
      ];
      const { problems } = await connector.describe({ source: "tests", query, declared: [...testColumns, ...wrong] });
      deepEqual(
        problems.map(({ column }) => column),
        ["absent", "flag"],
      );
      for (const column of wrong) {
        await rejects(connector.read(requestOf(query, [column]), file()), isMismatch);
        await rejects(connector.fingerprint(requestOf(query, [column])), isMismatch);
      }
    },
  );

  law("a missing table rejects with SOURCE_UNREADABLE, and the error names the source", async ({ connector, all }, { file }) => {
    const query = all("absent_table");
    const isUnreadable = (error: unknown): boolean => isMlforgeError(error, "SOURCE_UNREADABLE") && error.message.includes("tests");
    await rejects(connector.describe({ source: "tests", query }), isUnreadable);
    await rejects(connector.read(requestOf(query), file()), isUnreadable);
  });

  law("locate names the database the same way each time", async ({ connector }) => {
    equal(connector.specVersion, 1);
    equal(connector.locate(), connector.locate());
  });
}

function isMismatch(error: unknown): boolean {
  return isMlforgeError(error, "SCHEMA_MISMATCH");
}

function typeOf({ name, kind, precision, scale }: NamedColumn): object {
  return kind === "decimal" ? { name, kind, precision, scale } : { name, kind };
}
