import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Plan, Schema } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { nullable, table } from "../../testkit/src/engine/plans.js";
import { rollUp } from "../../testkit/src/engine/rolling-cases.js";
import { day, hour, timestampText, week } from "../../testkit/src/engine/timestamps.js";

const script = fileURLToPath(new URL("run-in-zone.mjs", import.meta.url));

async function runIn(zone: string, plans: readonly Plan[]): Promise<{ readonly offset: unknown; readonly rows: unknown }> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(plans)], { env: { ...process.env, TZ: zone } });
  const printed: unknown = JSON.parse(stdout);
  if (typeof printed !== "object" || printed === null || !("offset" in printed) || !("rows" in printed))
    throw new Error(`not rows: ${stdout}`);
  return printed;
}

const columns: Schema = [nullable("k", "string"), nullable("at", "timestamp"), nullable("n", "int64")];
const dates: Schema = [nullable("k", "string"), nullable("at", "date"), nullable("n", "int64")];
const change = BigInt(Date.parse("2024-03-10T00:00:00Z")) * 1000n;
const hours = Array.from({ length: 72 }, (_, index) => timestampText(change - day + BigInt(index) * hour));

const outputs = [day, week].map(
  (every, index) => ({ name: `o${index}`, column: "n", function: "sum", every, window: 2n * every }) as const,
);
const events = table(
  columns,
  hours.map((at, n) => ["a", at, String(n)]),
);
const perDate = table(
  dates,
  ["2024-03-10", "1969-12-31", "0001-01-01"].map((date, n) => ["a", date, String(n)]),
);

describe("the time zone of the process", () => {
  it("changes neither roll-ups nor as-of joins", async () => {
    const join: Plan = {
      op: "asOfJoin",
      left: { op: "numberRows", input: events, column: "row" },
      right: rollUp(events, outputs, ["k"]),
      on: [{ left: "k", right: "k" }],
      timestamps: { left: "at", right: "at" },
      allowExactMatches: true,
      ttl: String(day),
      columns: [{ name: "o0", as: "known" }],
    };
    const plans: Plan[] = [
      { op: "sort", by: ["at"], input: rollUp(events, outputs, ["k"]) },
      { op: "sort", by: ["at"], input: rollUp(perDate, outputs, ["k"]) },
      { op: "sort", by: ["row"], input: join },
    ];
    const [utc, ...others] = await Promise.all(["UTC", "America/New_York", "Pacific/Kiritimati"].map((zone) => runIn(zone, plans)));
    expect([utc, ...others].map((printed) => printed?.offset)).toEqual([0, 240, -840]);
    expect(utc?.rows).toHaveLength(6 + 10 + 72);
    for (const { rows } of others) expect(rows).toEqual(utc?.rows);
  });
});
