import { t } from "../../src/define/column-types.js";
import { source } from "../../src/define/source.js";

/** A source with a column of every kind, once nullable and once not. */
export const everyKind = source({
  path: "every-kind.parquet",
  columns: {
    s: t.string(),
    s0: t.string({ nullable: false }),
    b: t.boolean(),
    b0: t.boolean({ nullable: false }),
    i: t.int32(),
    i0: t.int32({ nullable: false }),
    l: t.int64(),
    l0: t.int64({ nullable: false }),
    f: t.float32(),
    f0: t.float32({ nullable: false }),
    d: t.float64(),
    d0: t.float64({ nullable: false }),
    m: t.decimal(10, 2),
    m0: t.decimal(10, 2, { nullable: false }),
    ts: t.timestamp(),
    ts0: t.timestamp({ nullable: false }),
    dt: t.date(),
    dt0: t.date({ nullable: false }),
    x: t.bytes(),
    x0: t.bytes({ nullable: false }),
    tm: t.time(),
    js: t.json(),
    ls: t.list(t.int64()),
    vc: t.vector(2, "float32"),
    st: t.struct({ a: t.string() }),
  },
  timestamp: "ts0",
});
