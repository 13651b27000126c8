import { afterAll, describe, expect, it } from "vitest";
import { openEditor } from "./compiler.js";
import { preamble } from "./mistakes.js";

const columns = ["carrier", "date", "delay", "origin"];
const total = `transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ total: delay.sum() }))`;
const rolling = (aggregations: string): string => `rolling: { every: "1d", windows: ["7d"], aggregations: ${aggregations} }`;
const inFeature = (options: string): string => `feature({ name: "x", source: flights, ${options} });`;
const inTraining = (options: string): string => `defs.getTrainingData({ labels, ${options} });`;

/** The places where names are typed, with the cursor at `|`, and the names that belong there. */
const places: readonly (readonly [string, string, readonly string[]])[] = [
  ["keys", inFeature(`keys: ["|"]`), columns],
  ["keys above a transform", inFeature(`keys: ["|"], ${total}`), ["origin", "total"]],
  ["timestamp", inFeature(`keys: ["origin"], timestamp: "|"`), columns],
  ["timestamp of a source", `source({ path: "a.csv", columns: { at: t.timestamp(), code: t.string() }, timestamp: "|" });`, ["at", "code"]],
  ["aggregations", inFeature(`keys: ["origin"], ${rolling("{ | }")}`), columns],
  ["aggregations in a list", inFeature(`keys: ["origin"], ${rolling("{ | }").replace("{", "[{")}]`), columns],
  ["notNull", inFeature(`keys: ["origin"], validators: [notNull("|")]`), columns],
  [
    "aggregations below a transform",
    inFeature(`keys: ["origin"], transform: (rows) => rows.select("date", "origin", "delay"), ${rolling("{ | }")}`),
    ["date", "delay", "origin"],
  ],
  ["columns to read", `defs.readFeature("delays", { columns: ["|"] });`, columns],
  ["columns to read of an object", `defs.readFeature(delays, { columns: ["date", "|"] });`, columns],
  ["timestamp of labels", inTraining(`timestamp: "|", features: ["delays"]`), ["at"]],
  ["features", inTraining(`timestamp: "at", features: ["|"]`), ["delays"]],
];

const editor = openEditor();
afterAll(() => editor[Symbol.dispose]());

describe("an editor completes", () => {
  it.each(places)("%s", (_, code, names) => {
    // Some places also offer the text that is there: an empty name.
    expect(editor.completionsAt(`${preamble}\n${code}\n`).filter((name) => name !== "")).toEqual(names);
  });
});
