import type { Column, Connector } from "@mlforge/spec";
import { describe, expectTypeOf, it } from "vitest";
import { feature, type RowOf, type Source, source, t } from "../../src/index.js";

declare const connector: Connector;

describe("sources that read a database", () => {
  const orders = source({
    name: "orders",
    connector,
    query: "select id, amount, at from orders",
    columns: { id: t.int64({ nullable: false }), amount: t.decimal(12, 2), at: t.timestamp() },
    timestamp: "at",
    fingerprint: { query: "select count(*) from orders" },
  });

  it("are typed by their columns, as files are", () => {
    expectTypeOf(orders).toExtend<
      Source<
        { readonly id: Column<"int64", false>; readonly amount: Column<"decimal", true>; readonly at: Column<"timestamp", true> },
        "at"
      >
    >();
    const spend = feature({ name: "spend", source: orders, keys: ["id"] });
    expectTypeOf<RowOf<typeof spend>["amount"]>().toEqualTypeOf<string | null>();
    void source({ connector, table: "public.orders" });
  });

  it("refuse what is wrong", () => {
    // @ts-expect-error no such column
    void (() => source({ name: "x", connector, query: "select 1", columns: { at: t.timestamp() }, timestamp: "date" }));
    // @ts-expect-error a source reads files or a database
    void (() => source({ name: "x", connector, query: "select 1", path: "orders.parquet" }));
    // @ts-expect-error a query needs a connector
    void (() => source({ name: "x", path: "orders.parquet", query: "select 1" }));
    // @ts-expect-error neither a path nor a connector
    void (() => source({ name: "x" }));
    // @ts-expect-error no such way
    void (() => source({ name: "x", connector, table: "orders", fingerprint: "count" }));
  });
});
