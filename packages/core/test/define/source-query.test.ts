import type { Connector } from "@mlforge/spec";
import { memoryDatabase } from "@mlforge/testkit/connector";
import { memoryStore } from "@mlforge/testkit/store";
import { describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

const { connector } = memoryDatabase();

/** Options as JavaScript may give them. */
function problemsOf(options: object): readonly string[] {
  try {
    Reflect.apply(source, undefined, [options]);
    return [];
  } catch (error) {
    const { details }: { details?: { issues?: readonly { path: string; message: string }[] } } = Object(error);
    return (details?.issues ?? []).map(({ path, message }) => `${path}: ${message}`);
  }
}

describe("sources of queries", () => {
  it.each([
    [{ connector, query: "select 1", path: "a.csv" }, ["a.path: path is for files, and connector reads a database; remove one of the two"]],
    [
      { name: "x", connector, query: "select 1", format: { kind: "csv" }, partitions: { dt: t.date() } },
      [
        "x.format: format is for files, and connector reads a database; remove one of the two",
        "x.partitions: partitions is for files, and connector reads a database; remove one of the two",
      ],
    ],
    [{ name: "x", connector }, ["x.query: pass the query or the table to read"]],
    [{ name: "x", connector, query: "select 1", table: "t" }, ["x.query: pass either query or table, not both"]],
    [{ name: "x", connector, query: " " }, ["x.query: expected a string with text in it, got an empty string"]],
    [{ connector, query: "select 1" }, ["source.name: a query needs a name; pass name"]],
    [{ name: "x", connector, table: "t", fingerprint: "count" }, ['x.fingerprint: expected "rows" or { query: "select ..." }']],
    [{ path: "a.csv", query: "select 1" }, ["a.query: query needs a connector, for example connector: postgres()"]],
    [
      { name: "x", connector: { ...connector, specVersion: 2 }, table: "t" },
      ["x.connector: expected a connector such as postgres(), got an object that does not implement spec version 1"],
    ],
    [
      { name: "x", connector: "postgres://u:secret@h/d", table: "t" },
      ["x.connector: expected a connector such as postgres(), got a string"],
    ],
  ])("refuse %o", (options, problems) => {
    expect(problemsOf(options)).toEqual(expect.arrayContaining(problems));
  });

  it("are named for their table", () => {
    expect(source({ connector, table: "public.orders" }).name).toBe("orders");
    expect(source({ connector, table: "orders" }).name).toBe("orders");
  });

  it("of one name read one query of one connector", () => {
    const other: Connector = memoryDatabase().connector;
    const read = (given: Connector, table: string, name: string) =>
      feature({ name, source: source({ name: "orders", connector: given, table }), keys: ["place"] });
    const make = (second: ReturnType<typeof read>) =>
      new Definitions({ name: "x", features: [read(connector, "orders", "a"), second], offlineStore: memoryStore() });
    expect(() => make(read(connector, "orders", "b"))).not.toThrow();
    expect(() => make(read(connector, "others", "b"))).toThrow('two different sources are named "orders"');
    expect(() => make(read(other, "orders", "b"))).toThrow('two different sources are named "orders"');
  });

  it("need an engine", async () => {
    const database = memoryDatabase();
    await database.write("orders", []);
    const given = source({ connector: database.connector, table: "orders", columns: { place: t.int64() } });
    const defs = new Definitions({
      name: "x",
      features: [feature({ name: "a", source: given, keys: ["place"] })],
      offlineStore: memoryStore(),
    });
    expect((await defs.build()).failed).toMatchObject([{ error: { code: "CAPABILITY_MISSING" } }]);
  });
});
