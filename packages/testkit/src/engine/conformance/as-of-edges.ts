import { deepEqual } from "node:assert/strict";
import type { AsOfJoin, Plan, Schema } from "@mlforge/spec";
import { nullable, type Text, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { day, hour, timestampText } from "../timestamps.js";

const labels: Schema = [nullable("k", "string"), nullable("at", "timestamp")];
const features: Schema = [nullable("k", "string"), nullable("at", "timestamp"), nullable("v", "int64")];

function known(left: Plan, right: Plan, options: Partial<AsOfJoin> = {}): Plan {
  const input: AsOfJoin = {
    op: "asOfJoin",
    left: { op: "numberRows", input: left, column: "row" },
    right,
    on: [{ left: "k", right: "k" }],
    timestamps: { left: "at", right: "at" },
    allowExactMatches: true,
    columns: [{ name: "v", as: "v" }],
    ...options,
  };
  return { op: "sort", by: ["row"], input };
}

const many = (count: number, row: readonly Text[]): Text[][] => Array.from({ length: count }, () => [...row]);

/** Engines may join small and large tables in different ways. */
const counts = [3, 300];

const needs = { operations: ["asOfJoin", "numberRows", "sort"], kinds: ["timestamp"] } as const;

export function asOfEdgeLaws(law: EngineLaw): void {
  for (const count of counts) {
    law(`an as-of join of ${count} labels finds no row without a timestamp`, needs, async (tools) => {
      const rows = [
        ["a", null, "1"],
        [null, null, "2"],
        [null, timestampText(0n), "3"],
      ];
      for (const label of [
        ["a", null],
        ["a", timestampText(0n)],
        [null, timestampText(0n)],
        [null, null],
      ]) {
        const found = await tools.rows(known(table(labels, many(count, label)), table(features, rows)));
        deepEqual(
          found.map((row) => row[3]),
          many(count, label).map(() => null),
        );
      }
    });

    law(`an as-of join of ${count} labels finds nothing for a label without a timestamp`, needs, async (tools) => {
      const rows = Array.from({ length: 5 }, (_, index) => ["a", timestampText(BigInt(index) * day), "1"]);
      const left = table(labels, [...many(count, ["a", timestampText(day)]), ...many(count, ["a", null])]);
      const found = await tools.rows(known(left, table(features, rows)));
      deepEqual(
        found.map((row) => row[3]),
        [...many(count, []).map(() => 1n), ...many(count, []).map(() => null)],
      );
    });

    law(`an as-of join of ${count} labels finds no row with a null in any of its keys`, needs, async (tools) => {
      const columns = ["a", "b", "c"].map((name) => nullable(name, "string"));
      const on = columns.map(({ name }) => ({ left: name, right: name }));
      for (const key of [
        [null, "b", "c"],
        ["a", null, "c"],
        ["a", "b", null],
        [null, null, null],
      ]) {
        const left = table([...columns, nullable("at", "timestamp")], many(count, [...key, timestampText(1n)]));
        const right = table([...columns, nullable("at", "timestamp"), nullable("v", "int64")], [[...key, timestampText(0n), "1"]]);
        const found = await tools.rows(known(left, right, { on }));
        deepEqual(
          found.map((row) => row[5]),
          many(count, key).map(() => null),
        );
      }
    });

    law(`an as-of join of ${count} labels finds a row until it is exactly as old as the ttl`, needs, async (tools) => {
      const ttl = String(day);
      const rows = [["a", timestampText(0n), "1"]];
      const valueAt = async (at: bigint, allowExactMatches = true): Promise<unknown> => {
        const found = await tools.rows(
          known(table(labels, many(count, ["a", timestampText(at)])), table(features, rows), { ttl, allowExactMatches }),
        );
        return found.at(-1)?.[3];
      };
      deepEqual(await valueAt(-1n), null);
      deepEqual(await valueAt(0n), 1n);
      deepEqual(await valueAt(0n, false), null);
      deepEqual(await valueAt(1n, false), 1n);
      deepEqual(await valueAt(day - 1n), 1n);
      deepEqual(await valueAt(day), null);
    });

    law(`an as-of join of ${count} labels does not fall back to an older row if the newest is null or too old`, needs, async (tools) => {
      const rows = [
        ["a", timestampText(0n), "1"],
        ["a", timestampText(hour), null],
      ];
      const left = table(labels, many(count, ["a", timestampText(day)]));
      deepEqual(
        (await tools.rows(known(left, table(features, rows)))).map((row) => row[3]),
        many(count, []).map(() => null),
      );
      deepEqual(
        (await tools.rows(known(left, table(features, rows), { ttl: "1" }))).map((row) => row[3]),
        many(count, []).map(() => null),
      );
    });

    law(`an as-of join of ${count} labels measures a day as 24 hours even if clocks change`, needs, async (tools) => {
      // In New York clocks went from 2:00 to 3:00 on March 10, 2024.
      const noon = BigInt(Date.parse("2024-03-09T12:00:00Z")) * 1000n;
      const rows = [["a", timestampText(noon), "1"]];
      for (const [late, value] of [
        [day - 1n, 1n],
        [day, null],
      ] as const) {
        const left = table(labels, many(count, ["a", timestampText(noon + late)]));
        const found = await tools.rows(known(left, table(features, rows), { ttl: String(day) }));
        deepEqual(found.at(-1)?.[3], value);
      }
    });

    law(
      `an as-of join of ${count} labels keeps labels if the feature has no rows, and gives nothing without labels`,
      needs,
      async (tools) => {
        const left = table(labels, many(count, ["a", timestampText(0n)]));
        const found = await tools.rows(known(left, table(features, [])));
        deepEqual(
          found,
          many(count, []).map((_, row) => ["a", 0n, BigInt(row), null]),
        );
        deepEqual(await tools.rows(known(table(labels, []), table(features, [["a", timestampText(0n), "1"]]))), []);
      },
    );

    law(`an as-of join of ${count} labels on no columns finds the newest of all rows`, needs, async (tools) => {
      const left = table(labels, [...many(count, ["a", timestampText(day)]), ["a", null]]);
      const rows = [
        ["b", timestampText(0n), "1"],
        ["c", timestampText(hour), "2"],
        ["d", null, "3"],
      ];
      const found = await tools.rows(known(left, table(features, rows), { on: [] }));
      deepEqual(
        found.map((row) => row[3]),
        [...many(count, []).map(() => 2n), null],
      );
    });
  }
}
