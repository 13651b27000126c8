import { deepEqual, equal, notEqual } from "node:assert/strict";
import type { ConnectorLaw } from "../runner.js";
import { type TestRow, testRows } from "../test-rows.js";
import { expectedRow, readTable, requestOf } from "./rows.js";

/** Ways to change a row that a checksum could miss. */
const changes: readonly (readonly [string, (row: TestRow) => readonly TestRow[]])[] = [
  ["a string changes", (row) => [{ ...row, text: `${row.text}x` }]],
  ["an empty string becomes null", (row) => [{ ...row, text: null }]],
  ["a string becomes the word null", (row) => [{ ...row, text: "null" }]],
  ["a timestamp changes by a microsecond", (row) => [{ ...row, timestamp: (row.timestamp ?? 0n) + 1n }]],
  ["a decimal changes in its last digit", (row) => [{ ...row, amount: "0.0001" }]],
  ["bytes change", (row) => [{ ...row, raw: Uint8Array.of(1) }]],
  ["a row is there twice", (row) => [row, row]],
  ["a row is gone", () => []],
];

export function fingerprintLaws(law: ConnectorLaw): void {
  law("equal rows have equal fingerprints, in any order", async ({ connector, write, all }) => {
    const request = requestOf(all("ordered"));
    await write("ordered", testRows);
    const before = await connector.fingerprint(request);
    await write("ordered", [...testRows].reverse());
    equal(await connector.fingerprint(request), before);
  });

  law("different rows have different fingerprints", async ({ connector, write, all }) => {
    const request = requestOf(all("changed"));
    const [first, ...others] = testRows;
    if (first === undefined) return;
    await write("changed", testRows);
    const seen = new Map([[await connector.fingerprint(request), "nothing changes"]]);
    for (const [what, change] of changes) {
      await write("changed", [...change(first), ...others]);
      const fingerprint = await connector.fingerprint(request);
      equal(seen.get(fingerprint), undefined, `the fingerprint is the same where ${what}`);
      seen.set(fingerprint, what);
    }
  });

  law("a read has the fingerprint that `fingerprint` computes", async (database, tools) => {
    await database.write("same", testRows);
    const { read } = await readTable(database, "same", tools);
    equal(read.fingerprint, await database.connector.fingerprint(requestOf(database.all("same"))));
  });

  law("a fingerprint query decides alone", async ({ connector, write, all, count }) => {
    const request = { ...requestOf(all("asked")), fingerprint: { kind: "query", text: count("asked") } } as const;
    await write("asked", testRows);
    const before = await connector.fingerprint(request);
    await write(
      "asked",
      testRows.map((row) => ({ ...row, text: "other" })),
    );
    equal(await connector.fingerprint(request), before);
    await write("asked", testRows.slice(1));
    notEqual(await connector.fingerprint(request), before);
  });

  law("the rows and the fingerprint of a read come from one snapshot", async (database, tools) => {
    const states = [testRows, testRows.slice(0, 7).map((row) => ({ ...row, text: "other" }))];
    const request = requestOf(database.all("moving"));
    const known = new Map<string, readonly string[]>();
    for (const rows of states) {
      await database.write("moving", rows);
      known.set(await database.connector.fingerprint(request), rows.map((row) => expectedRow(row)).sort());
    }
    let done = false;
    const writer = (async () => {
      for (let round = 0; !done; round++) {
        await database.write("moving", states[round % 2] ?? []);
        await new Promise(setImmediate);
      }
    })();
    try {
      for (let round = 0; round < 8; round++) {
        const { read, rows } = await readTable(database, "moving", tools);
        deepEqual([...rows].sort(), known.get(read.fingerprint));
      }
    } finally {
      done = true;
      await writer;
    }
  });
}
