import { describe, expect, it } from "vitest";
import type { AnyFeature } from "../../src/define/any-feature.js";
import { t } from "../../src/define/column-types.js";
import { count } from "../../src/define/count.js";
import { entity } from "../../src/define/entity.js";
import { source } from "../../src/define/source.js";
import { sql } from "../../src/define/sql-transform.js";
import { collectFeatures } from "../../src/features/collect-features.js";
import { feature } from "../../src/features/feature.js";
import { issuesOf } from "../define/issues-of.js";

const columns = { origin: t.string(), carrier: t.string(), delay: t.int64() };
const flights = source({ path: "flights.csv", columns });
const airport = entity({ name: "airport", keys: ["origin"] });
const first = feature({ name: "first", source: flights, entities: [airport] });
const second = feature({ name: "second", source: source({ path: "other.csv", columns }), keys: ["origin"] });
const third = feature({
  name: "third",
  source: source({ path: "flights.csv", columns }),
  entities: [entity({ name: "airport", keys: ["origin"] })],
});

describe("collectFeatures", () => {
  it("keeps the given order, and finds features in modules among other exports", () => {
    const module = { flights, limit: 15, third, first, helper: () => second };
    const collected = collectFeatures([second, module, first]);
    expect(collected.features).toEqual([second, third, first]);
    expect(collected.entities).toEqual([airport]);
    expect(collected.sources.map(({ name }) => name)).toEqual(["other", "flights"]);
  });

  it("adds declared sources, each once, also before the first feature", () => {
    const [orders, same] = [source({ path: "orders.csv", columns }), source({ path: "flights.csv", columns })];
    expect(collectFeatures([], [], [orders]).sources).toEqual([orders]);
    expect(collectFeatures([first], [], [orders, same, flights]).sources).toEqual([flights, orders]);
    const clash = source({ name: "flights", path: "archive/flights.csv", columns });
    expect(issuesOf(() => collectFeatures([first], [], [clash, JSON.parse('"orders"')]))).toEqual([
      { path: "sources[1]", message: "expected a source(...)" },
      { path: "flights.name", message: expect.stringContaining('sources are named "flights"') },
    ]);
  });

  const products = source({ path: "products.csv", columns: { carrier: t.string(), price: t.int64() } });
  const [undeclared, more] = [source({ path: "undeclared.csv" }), source({ path: "more.csv" })];
  const on = ["carrier"] as const;
  const sum = { query: "SELECT origin FROM source", columns: { origin: t.string() } };
  it.each([
    [
      "from",
      [flights, products],
      feature({ name: "a", source: flights, keys: ["origin"], transform: (rows, from) => rows.join(from(products).distinct(), { on }) }),
    ],
    [
      "a join with a source",
      [flights, products],
      feature({ name: "a", source: flights, keys: ["origin"], transform: (rows) => rows.join(products, { on }) }),
    ],
    [
      "SQL",
      [flights, products],
      feature({ name: "a", source: flights, keys: ["origin"], transform: sql({ ...sum, inputs: { products } }) }),
    ],
  ])("finds sources that only %s reads", (_, sources, joining) => {
    expect(collectFeatures([joining]).sources).toEqual(sources);
    expect(
      collectFeatures([joining, second], [], [products])
        .sources.map(({ name }) => name)
        .sort(),
    ).toEqual(["flights", "other", "products"]);
  });

  it("finds joined sources where columns are not declared", () => {
    const loose = (transform: AnyFeature["transform"]): AnyFeature => ({ ...first, source: undeclared, entities: [], transform });
    const cases: readonly (readonly [AnyFeature["transform"], readonly string[]])[] = [
      [
        (rows, from) =>
          rows
            .groupBy("x")
            .aggregate(() => ({ n: count() }))
            .join(from(more), { on: ["x"] }),
        ["undeclared", "more"],
      ],
      [
        (rows) =>
          rows
            .derive(({ x }) => ({ carrier: x }))
            .join(more, { on: ["carrier"] })
            .join(products, { on }),
        ["undeclared", "more", "products"],
      ],
      [
        (rows, from) =>
          from(flights)
            .join(more, { on: ["origin"] })
            .join(products, { on })
            .join(rows, { on }),
        ["undeclared", "flights", "more", "products"],
      ],
      [
        (_, from) => {
          from(products);
          throw new Error("no");
        },
        ["undeclared", "products"],
      ],
    ];
    for (const [transform, names] of cases) expect(collectFeatures([loose(transform)]).sources.map(({ name }) => name)).toEqual(names);
  });

  it("refuses a joined source with the name of another", () => {
    const clash = source({ name: "products", path: "archive/products.csv", columns: { carrier: t.string(), price: t.int64() } });
    const joining = (name: string, other: typeof products) =>
      feature({ name, source: flights, keys: ["origin"], transform: (rows) => rows.join(other, { on }) });
    expect(issuesOf(() => collectFeatures([joining("a", products), joining("b", clash)]))).toEqual([
      { path: "products.name", message: expect.stringContaining('sources are named "products"') },
    ]);
  });

  it("knows features made by another installed copy by their mark", () => {
    const copied = { ...first };
    expect(collectFeatures([{ copied }]).features).toEqual([copied]);
  });

  it("refuses every clash at once", () => {
    const clash = feature({
      name: "first",
      source: source({ path: "archive/flights.csv", columns }),
      entities: [entity({ name: "airport", keys: ["carrier"] })],
    });
    expect(issuesOf(() => collectFeatures([first, second, clash, { ...second }]))).toEqual([
      { path: "first.name", message: 'two different features are named "first"; rename one of them' },
      { path: "second.name", message: expect.stringContaining('features are named "second"') },
      { path: "airport.name", message: expect.stringContaining('entities are named "airport"') },
      { path: "flights.name", message: expect.stringContaining('sources are named "flights"') },
    ]);
  });

  it("refuses inputs without a feature", () => {
    expect(issuesOf(() => collectFeatures([first, { flights }, JSON.parse("null")]))).toEqual([
      { path: "features[1]", message: "expected a feature(...) or a module that exports one" },
      { path: "features[2]", message: "expected a feature(...) or a module that exports one" },
    ]);
  });
});
