import { describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { entity } from "../../src/define/entity.js";
import { source } from "../../src/define/source.js";
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
