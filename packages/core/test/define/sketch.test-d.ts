import { describe, expectTypeOf, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { count } from "../../src/define/count.js";
import { entity } from "../../src/define/entity.js";
import { feature, type RowOf } from "../../src/define/feature.js";
import { source } from "../../src/define/source.js";
import { when } from "../../src/define/when.js";

const flights = source({
  path: "data/flights.parquet",
  columns: { date: t.timestamp(), origin: t.string({ nullable: false }), delay: t.int64() },
  timestamp: "date",
});
const total = feature({
  name: "total",
  source: flights,
  keys: ["origin"],
  transform: (rows) =>
    rows
      .filter((r) => r.delay.gt(0))
      .derive((r) => ({ late: when(r.delay.gt(15), "late").otherwise("fine"), hours: r.delay.dividedBy(60) }))
      .groupBy("origin")
      .aggregate(({ delay, late, hours }) => ({ total: delay.sum(), n: count(), any: late.max(), hours: hours.mean() })),
});
describe("x", () => {
  it("y", () => {
    expectTypeOf<RowOf<typeof total>>().toEqualTypeOf<{
      origin: string;
      total: number | null;
      n: number;
      any: string | null;
      hours: number | null;
    }>();
  });
});
void entity;
