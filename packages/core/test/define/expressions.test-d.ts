import type { Column } from "@mlforge/spec";
import { describe, expectTypeOf, it } from "vitest";
import { count } from "../../src/define/count.js";
import type { ColumnFrom, RowExprs } from "../../src/define/expr.js";
import { greatest, least } from "../../src/define/least-greatest.js";
import { literal } from "../../src/define/literal.js";
import type { Source } from "../../src/define/source.js";
import { when } from "../../src/define/when.js";
import type { everyKind } from "./every-kind.js";

type ColumnsOf<S> = S extends Source<infer C, string | undefined> ? C : never;
declare const row: RowExprs<ColumnsOf<typeof everyKind>>;

function columnOf<E>(_: E): ColumnFrom<E> {
  throw new Error("for its type only");
}

describe("expressions", () => {
  it("carry the kind through arithmetic", () => {
    expectTypeOf(columnOf(row.i0.plus(1))).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(row.l0.plus(row.f0))).toEqualTypeOf<Column<"float64", false>>();
    expectTypeOf(columnOf(row.m0.times(row.l0))).toEqualTypeOf<Column<"decimal", false>>();
    expectTypeOf(columnOf(row.m0.minus("1.50"))).toEqualTypeOf<Column<"decimal", false>>();
    expectTypeOf(columnOf(row.l0.dividedBy(2))).toEqualTypeOf<Column<"float64", true>>();
    expectTypeOf(columnOf(row.i0.negate())).toEqualTypeOf<Column<"int32", false>>();
    // @ts-expect-error a string cannot be added to
    row.s.plus(1);
    // @ts-expect-error a number cannot be added to a string
    row.l.plus("1");
    // @ts-expect-error a timestamp is no number
    row.l.plus(row.ts);
  });

  it("carry whether they may be null", () => {
    expectTypeOf(columnOf(row.l0.plus(row.l))).toEqualTypeOf<Column<"int64", true>>();
    expectTypeOf(columnOf(row.l.plus(1))).toEqualTypeOf<Column<"int64", true>>();
    expectTypeOf(columnOf(row.l0.gt(row.i0))).toEqualTypeOf<Column<"boolean", false>>();
    expectTypeOf(columnOf(row.l0.between(1, row.l))).toEqualTypeOf<Column<"boolean", true>>();
    expectTypeOf(columnOf(row.l.isNull())).toEqualTypeOf<Column<"boolean", false>>();
    expectTypeOf(columnOf(row.l.coalesce(0))).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(row.i.coalesce(row.l))).toEqualTypeOf<Column<"int64", true>>();
    expectTypeOf(columnOf(row.s0.nullIf("none"))).toEqualTypeOf<Column<"string", true>>();
    expectTypeOf(columnOf(row.s0.concat(row.s0, row.s))).toEqualTypeOf<Column<"string", true>>();
    expectTypeOf(columnOf(row.b0.and(true, row.b0))).toEqualTypeOf<Column<"boolean", false>>();
  });

  it("compare with values of their kind only", () => {
    expectTypeOf(columnOf(row.s0.eq("SEA"))).toEqualTypeOf<Column<"boolean", false>>();
    expectTypeOf(columnOf(row.s0.in(["SEA", "LAX"]))).toEqualTypeOf<Column<"boolean", false>>();
    expectTypeOf(columnOf(row.l.lt(2n))).toEqualTypeOf<Column<"boolean", true>>();
    expectTypeOf(columnOf(row.ts0.before(new Date(0)))).toEqualTypeOf<Column<"boolean", false>>();
    // @ts-expect-error a string is not compared with a number
    row.s.eq(1);
    // @ts-expect-error null equals nothing; isNull() finds it
    row.s.eq(null);
    // @ts-expect-error a timestamp is not compared with text
    row.ts.before("2024-01-01");
    // @ts-expect-error a timestamp is not compared with a date
    row.ts.before(row.dt);
    // @ts-expect-error a text is no boolean
    row.b.and(row.s);
    // @ts-expect-error an aggregate is no value of a row
    row.l.gt(row.l.max());
  });

  it("have methods where the kind allows them", () => {
    expectTypeOf(columnOf(row.s0.length())).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(row.ts0.truncate("1d"))).toEqualTypeOf<Column<"timestamp", false>>();
    expectTypeOf(columnOf(row.dt.year())).toEqualTypeOf<Column<"int64", true>>();
    expectTypeOf(columnOf(row.ts0.microsecondsUntil(row.ts))).toEqualTypeOf<Column<"int64", true>>();
    expectTypeOf(columnOf(row.s0.cast("timestamp"))).toEqualTypeOf<Column<"timestamp", false>>();
    expectTypeOf(columnOf(row.d.cast("decimal", 18, 4))).toEqualTypeOf<Column<"decimal", true>>();
    // @ts-expect-error a date has no hour
    row.dt.hour();
    // @ts-expect-error a number has no length
    row.l.length();
    // @ts-expect-error a decimal needs its digits
    row.d.cast("decimal");
    // @ts-expect-error no such kind
    row.d.cast("int8");
    // @ts-expect-error a month has no fixed length
    row.ts.truncate("1mo");
    // @ts-expect-error a year has no fixed length
    row.ts.plusDuration("1y");
    // @ts-expect-error no such column
    row.dely;
  });

  it("choose among values", () => {
    expectTypeOf(columnOf(when(row.b, "late").otherwise("on time"))).toEqualTypeOf<Column<"string", false>>();
    expectTypeOf(columnOf(when(row.b, row.i0).otherwise(0))).toEqualTypeOf<Column<"int32", false>>();
    expectTypeOf(columnOf(when(row.b, 0).otherwise(row.l0))).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(when(row.b, 1).otherwise(0))).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(when(row.b, 1).otherwise(null))).toEqualTypeOf<Column<"int64", true>>();
    expectTypeOf(columnOf(when(row.b, 1).when(row.b0, 0.5).otherwise(0))).toEqualTypeOf<Column<"float64", false>>();
    expectTypeOf(columnOf(when(row.b, 1).when(row.b0, row.i0).otherwise(row.d0))).toEqualTypeOf<Column<"float64", false>>();
    expectTypeOf(columnOf(when(row.b, row.s0).otherwise(null))).toEqualTypeOf<Column<"string", true>>();
    expectTypeOf(columnOf(when(row.b, null).otherwise(row.ts0))).toEqualTypeOf<Column<"timestamp", true>>();
    expectTypeOf(columnOf(least(row.l, 5))).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(greatest(row.i, row.f))).toEqualTypeOf<Column<"float64", true>>();
    const share: number = Math.random();
    const oneOrHalf = share > 0.5 ? 1 : 0.5;
    expectTypeOf(columnOf(when(row.b, share).otherwise(row.l0))).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(when(row.b, literal(share)).otherwise(0))).toEqualTypeOf<Column<"float64", false>>();
    // @ts-expect-error a number that may be an integer or not
    when(row.b, share).otherwise(0);
    // @ts-expect-error the same of two values
    when(row.b, 0).otherwise(oneOrHalf);
    // @ts-expect-error the same in the middle
    when(row.b, 0).when(row.b0, share).otherwise(0.5);
    // @ts-expect-error the same of several values
    least(1, share);
    // @ts-expect-error a number beside a text
    when(row.b, "late").otherwise(0);
    // @ts-expect-error a text beside a number
    least(row.l, "5");
    // @ts-expect-error a number is no condition
    when(row.l, 1);
    // @ts-expect-error an aggregate is no value of a row
    when(row.b, row.l.sum()).otherwise(0);
  });

  it("write constants", () => {
    expectTypeOf(columnOf(literal("a"))).toEqualTypeOf<Column<"string", false>>();
    expectTypeOf(columnOf(literal(1))).toEqualTypeOf<Column<"float64", false>>();
    expectTypeOf(columnOf(literal(1n))).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(literal(1, "int32"))).toEqualTypeOf<Column<"int32", false>>();
    expectTypeOf(columnOf(literal(null, "date"))).toEqualTypeOf<Column<"date", true>>();
    // @ts-expect-error the null of which kind
    literal(null);
    // @ts-expect-error a text is no integer
    literal("1", "int64");
  });

  it("aggregate where the kind allows it", () => {
    expectTypeOf(columnOf(count())).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(row.s.count())).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(row.s.countDistinct())).toEqualTypeOf<Column<"int64", false>>();
    expectTypeOf(columnOf(row.i0.sum())).toEqualTypeOf<Column<"int64", true>>();
    expectTypeOf(columnOf(row.f0.sum())).toEqualTypeOf<Column<"float64", true>>();
    expectTypeOf(columnOf(row.m0.sum())).toEqualTypeOf<Column<"decimal", true>>();
    expectTypeOf(columnOf(row.l0.mean())).toEqualTypeOf<Column<"float64", true>>();
    expectTypeOf(columnOf(row.s0.max())).toEqualTypeOf<Column<"string", true>>();
    expectTypeOf(columnOf(row.s0.lastBy(row.ts))).toEqualTypeOf<Column<"string", true>>();
    expectTypeOf(columnOf(row.b0.any())).toEqualTypeOf<Column<"boolean", true>>();
    // @ts-expect-error sum of a string
    row.s.sum();
    // @ts-expect-error median of a timestamp
    row.ts.median();
    // @ts-expect-error whether any number is true
    row.l.any();
    // @ts-expect-error the order must be a column
    row.s.lastBy("ts");
  });
});
