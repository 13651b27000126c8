import { describe, expect, it } from "vitest";
import { batches } from "../../src/define/batches-transform.js";
import { t } from "../../src/define/column-types.js";
import { entity } from "../../src/define/entity.js";
import { source } from "../../src/define/source.js";
import { sql } from "../../src/define/sql-transform.js";
import { feature } from "../../src/features/feature.js";
import { issuesOf } from "./issues-of.js";

const flights = source({
  path: "flights.parquet",
  columns: { date: t.timestamp(), origin: t.string(), delay: t.int64() },
  timestamp: "date",
});
const anything = source({ path: "anything.csv" });
const keys = ["origin"] as const;

/** A feature as JavaScript, or TypeScript that nobody checked, may define it. */
function defineUnchecked(options: object): unknown {
  return Reflect.apply(feature, undefined, [{ name: "x", source: flights, ...options }]);
}

describe("features", () => {
  it("take their keys from entities, in order and each once", () => {
    const airport = entity({ name: "airport", keys: ["origin"] });
    const flight = entity({ name: "flight", keys: ["date", "origin"] });
    const defined = feature({ name: "x", source: flights, entities: [airport, flight], timestamp: null });
    expect(defined).toMatchObject({ keys: ["origin", "date"], entities: [airport, flight] });
  });

  it("keep what they are told", () => {
    expect(feature({ name: "x", source: flights, keys, description: "words", tags: ["daily", "core"] })).toMatchObject({
      name: "x",
      keys: ["origin"],
      entities: [],
      description: "words",
      tags: ["daily", "core"],
      timestamp: undefined,
    });
  });

  it("do not run a transform whose columns are not known yet", () => {
    const transform = (): never => {
      throw new Error("ran too early");
    };
    expect(issuesOf(() => defineUnchecked({ source: anything, keys, transform }))).toEqual([]);
  });

  it("say what a transform threw", () => {
    const thrown = new RangeError("no such airport");
    const define = (): unknown =>
      defineUnchecked({
        keys,
        transform: () => {
          throw thrown;
        },
      });
    expect(issuesOf(define)).toEqual([{ path: "x.transform", message: "no such airport" }]);
    expect(define).toThrow(expect.objectContaining({ cause: thrown }));
  });

  it("report everything at once", () => {
    const define = (): unknown => defineUnchecked({ name: "airport delay", keys: ["orign", "orign"], timestamp: "delay", tags: ["a b"] });
    expect(issuesOf(define).map(({ path }) => path)).toEqual([
      "feature.name",
      "feature.keys[1]",
      "feature.tags[0]",
      "feature.keys[0]",
      "feature.keys[1]",
      "feature.timestamp",
    ]);
    expect(define).toThrow(/^the definitions have 6 problems: /);
  });

  it.each<readonly [string, object, string, RegExp]>([
    ["a name with a slash", { name: "a/b", keys }, "feature.name", /"a\/b" is not allowed; use 1 to 128 letters/],
    ["a name of dots", { name: "..", keys }, "feature.name", /"\.\."/],
    ["a name of 300 characters", { name: "a".repeat(300), keys }, "feature.name", /a\.\.\. \(300 characters\)/],
    ["an empty name", { name: "", keys }, "feature.name", /""/],
    ["a name with a space", { name: "My Features", keys }, "feature.name", /, such as "my_features"$/],
    ["a name with a digit first", { name: "7days", keys }, "feature.name", /not starting with a digit/],
    ["a name with a line end", { name: "a\n", keys }, "feature.name", /"a\\n"/],
    ["no name", { name: undefined, keys }, "feature.name", /undefined/],
    ["no keys", {}, "x.keys", /at least one key/],
    ["empty keys", { keys: [] }, "x.keys", /at least one key/],
    ["a key that is no name", { keys: ["origin", 1] }, "x.keys[1]", /1 is not a column name/],
    ["keys that are no list", { keys: "origin" }, "x.keys", /at least one key/],
    ["tags that are no list", { keys, tags: "daily" }, "x.tags", /expected an array of tags/],
    ["an entity that is missing", { entities: [undefined] }, "x.entities[0]", /expected an entity\(\.\.\.\)/],
    ["no entities", { entities: [] }, "x.entities", /expected at least one entity/],
    ["an entity that is none", { entities: [{ name: "airport", keys: ["origin"] }] }, "x.entities[0]", /expected an entity\(\.\.\.\)/],
    [
      "keys and entities",
      { keys, entities: [entity({ name: "airport", keys: ["origin"] })] },
      "x.keys",
      /pass either keys or entities, not both/,
    ],
    ["no source", { source: undefined, keys }, "x.source", /expected a source\(\.\.\.\)/],
    ["a source that is none", { source: { path: "a.csv" }, keys }, "x.source", /expected a source\(\.\.\.\)/],
    ["a transform that is none", { keys, transform: "SELECT 1" }, "x.transform", /a function, sql\(\.\.\.\), or batches\(\.\.\.\)/],
    ["a transform that gives nothing", { keys, transform: () => undefined }, "x.transform.result", /must return the relation/],
    ["a tag of two words", { keys, tags: ["a,b"] }, "x.tags[0]", /"a,b"/],
    ["an unknown key", { keys: ["orign"] }, "x.keys[0]", /no column "orign" in the rows of the feature; did you mean "origin"\?/],
    [
      "a key that is gone",
      { keys, transform: (rows: typeof Object) => Reflect.get(rows, "select").call(rows, "delay") },
      "x.keys[0]",
      /"origin"/,
    ],
    ["an unknown timestamp", { keys, timestamp: "dat" }, "x.timestamp", /did you mean "date"/],
    ["a timestamp that is none", { keys, timestamp: "delay" }, "x.timestamp", /"delay" is int64/],
    ["a timestamp that is a key", { keys: ["origin", "date"] }, "x.timestamp", /"date" is a key/],
  ])("refuse %s", (_, options, path, message) => {
    expect(issuesOf(() => defineUnchecked(options))).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it("refuse an unknown column in their transform, and name the nearest", () => {
    // @ts-expect-error no such column
    const define = (): unknown => feature({ name: "x", source: flights, keys, transform: (rows) => rows.filter(({ dely }) => dely.gt(0)) });
    expect(issuesOf(define)).toEqual([
      { path: "x.transform", message: expect.stringContaining('no column "dely" in the rows given to filter; did you mean "delay"?') },
    ]);
    expect(define).toThrow(expect.objectContaining({ cause: expect.objectContaining({ code: "COLUMN_UNKNOWN" }) }));
  });

  it("refuse keys that the declared columns of a transform lack, also where the source declares none", () => {
    const columns = { origin: t.string() };
    for (const transform of [sql({ query: "SELECT 1", columns }), batches({ columns, run: (input) => input })]) {
      expect(issuesOf(() => defineUnchecked({ source: anything, keys: ["orign"], transform }))).toEqual([
        { path: "x.keys[0]", message: expect.stringContaining('did you mean "origin"?') },
      ]);
    }
  });
});

describe("entities", () => {
  it.each([
    ["a bad name", { name: "a b", keys }, "entity.name"],
    ["no keys", { name: "airport", keys: [] }, "airport.keys"],
    ["a key twice", { name: "airport", keys: ["origin", "origin"] }, "airport.keys[1]"],
  ])("refuse %s", (_, options, path) => {
    expect(issuesOf(() => entity(options)).map((issue) => issue.path)).toEqual([path]);
  });
});

describe("sql transforms", () => {
  const columns = { origin: t.string() };
  it.each<readonly [string, () => unknown, string]>([
    ["an empty query", () => sql({ query: " ", columns }), "sql.query"],
    ["no columns", () => sql({ query: "SELECT 1", columns: {} }), "sql.columns"],
    ["an input named source", () => sql({ query: "SELECT 1", columns, inputs: { Source: anything } }), "sql.inputs.Source"],
    ["an input with a bad name", () => sql({ query: "SELECT 1", columns, inputs: { "a b": anything } }), "sql.inputs.a b"],
    ["an input that is no source", () => sql({ query: "SELECT 1", columns, inputs: { a: JSON.parse("{}") } }), "sql.inputs.a"],
  ])("refuse %s", (_, define, path) => {
    expect(issuesOf(define).map((issue) => issue.path)).toEqual([path]);
  });
});

describe("batches transforms", () => {
  const columns = { origin: t.string() };

  it("change their logic with the text of the function and with the version", () => {
    const logic = [
      batches({ columns, run: (input) => input }),
      batches({ columns, run: (rows) => rows }),
      batches({ columns, run: (rows) => rows, version: "2" }),
    ].map((transform) => transform.logic);
    expect(new Set(logic).size).toBe(3);
    expect(batches({ columns, run: (input) => input }).logic).toBe(logic[0]);
  });

  it("refuse what is no function", () => {
    expect(issuesOf(() => batches({ columns, run: JSON.parse("1") })).map((issue) => issue.path)).toEqual(["batches.run"]);
  });
});
