/** A mistake that must not compile. */
export interface Mistake {
  readonly title: string;
  /** Statements after {@link preamble}. */
  readonly code: string;
  /** What the message must name: the wrong word and the nearest right ones. */
  readonly names: readonly string[];
}

/** The definitions of the page, without mistakes. */
export const preamble = `import { count, Definitions, entity, feature, isIn, notNull, source, t, when } from "@mlforge/core";
import { LocalStore } from "@mlforge/store-local";

const flights = source({
  path: "flights.parquet",
  columns: { date: t.timestamp(), origin: t.string(), carrier: t.string(), delay: t.int64() },
  timestamp: "date",
});
const airports = source({
  path: "airports.parquet",
  columns: { id: t.int64(), code: t.string(), elevation: t.int64() },
  static: true,
});
const delays = feature({ name: "delays", source: flights, keys: ["origin"] });
const defs = new Definitions({
  name: "flights",
  features: [delays],
  offlineStore: new LocalStore("feature_store"),
});
const labels = [{ origin: "SEA", at: new Date(), late: true }];`;

/** A feature over the flights with these options. */
function withOptions(...options: readonly string[]): string {
  return `feature({
  name: "mean_delay",
  source: flights,
${options.map((option) => `  ${option},\n`).join("")}});`;
}

const keys = `keys: ["origin"]`;
const total = `transform: (rows) =>
    rows.groupBy("origin").aggregate(({ delay }) => ({ total: delay.sum() }))`;

function rolling(windows: string, aggregations: string): string {
  return withOptions(keys, `rolling: { every: "1d", windows: ["${windows}"], aggregations: { ${aggregations} } }`);
}

function training(features: string, labels = "labels", timestamp = "at"): string {
  const given = labels === "labels" ? "labels" : `labels: ${labels}`;
  return `defs.getTrainingData({ ${given}, timestamp: "${timestamp}", features: ${features} });`;
}

export const mistakes: readonly Mistake[] = [
  { title: "A key that is not a column", code: withOptions(`keys: ["orign"]`), names: ["orign", "origin"] },
  { title: "A feature without keys", code: withOptions(`description: "Delays by airport"`), names: ["keys: ['user']", "entities"] },
  {
    title: "A key that the transform does not return",
    code: withOptions(`keys: ["orign"]`, total),
    names: ["orign", "origin", "total"],
  },
  {
    title: "An entity whose key is not a column",
    code: withOptions(`entities: [entity({ name: "airport", keys: ["airport"] })]`),
    names: ["airport", "origin"],
  },
  { title: "A timestamp that is not a column", code: withOptions(keys, `timestamp: "dat"`), names: ["dat", "date"] },
  {
    title: "A source timestamp that is not a column",
    code: `source({ path: "a.csv", columns: { known: t.timestamp(), code: t.string() }, timestamp: "knwn" });`,
    names: ["knwn", "known"],
  },
  { title: "A rolling aggregate of a column that does not exist", code: rolling("7d", `dely: ["sum"]`), names: ["dely", "delay"] },
  {
    title: "The same in a list",
    code: withOptions(keys, `rolling: [{ every: "1d", windows: ["7d"], aggregations: { dely: ["sum"] } }]`),
    names: ["dely", "delay"],
  },
  {
    title: "The same in a module of features",
    code: `const features = {
  mean_delay: ${rolling("7d", `dely: ["sum"]`).slice(0, -1).replaceAll("\n", "\n  ")},
};
new Definitions({ name: "flights", features: [features], offlineStore: defs.offlineStore });`,
    names: ["dely", "delay"],
  },
  { title: "A rolling sum of strings", code: rolling("7d", `carrier: ["sum"]`), names: ["sum", "count", "min", "max"] },
  { title: "A rolling aggregate with another name", code: rolling("7d", `delay: ["average"]`), names: ["average", "mean"] },
  { title: "A window in calendar months", code: rolling("1mo", `delay: ["mean"]`), names: ["1mo", "30d"] },
  { title: "A ttl in calendar months", code: withOptions(keys, `ttl: "1mo"`), names: ["1mo"] },
  {
    title: "A validator of a column that does not exist",
    code: withOptions(keys, `validators: [notNull("dely")]`),
    names: ["dely", "delay"],
  },
  {
    title: "A validator below a transform",
    code: withOptions(keys, total, `validators: [notNull("totl")]`),
    names: ["totl", "total"],
  },
  {
    title: "A validator in a function of the row",
    code: withOptions(keys, total, `validators: () => [notNull("totl")]`),
    names: ["totl", "total"],
  },
  {
    title: "A validator with a constant of another type",
    code: withOptions(keys, `validators: [isIn("origin", [1, 2])]`),
    names: ["origin", "number", "string"],
  },
  {
    title: "An option that does not exist",
    code: withOptions(keys, `descripton: "Delays by airport"`),
    names: ["descripton", "description"],
  },
  {
    title: "A column without an aggregate",
    code: withOptions(keys, total.replace(".sum()", "")),
    names: ["total", ".sum()"],
  },
  {
    title: "A number that may be an integer or not",
    code: withOptions(keys, `transform: (rows) => rows.derive(() => ({ share: Math.random() }))`),
    names: ["share", "literal(value, 'float64')"],
  },
  {
    title: "The same in a choice",
    code: withOptions(keys, `transform: (rows) => rows.derive(({ delay }) => ({ share: when(delay.gt(15), Math.random()).otherwise(0) }))`),
    names: ["literal(value, 'float64')"],
  },
  {
    title: "A null without a type",
    code: withOptions(keys, `transform: (rows) => rows.derive(() => ({ gate: null }))`),
    names: ["null", "literal(null, 'string')"],
  },
  {
    title: "An aggregate without groups",
    code: withOptions(keys, `transform: (rows) => rows.derive(({ delay }) => ({ total: delay.sum() }))`),
    names: ["total", "groupBy"],
  },
  {
    title: "A sum of strings",
    code: withOptions(keys, total.replaceAll("delay", "carrier")),
    names: ["sum"],
  },
  {
    title: "A column of the row that does not exist",
    code: withOptions(keys, `transform: (rows) => rows.filter((row) => row.dely.gt(15))`),
    names: ["dely", "delay"],
  },
  {
    title: "A condition that is not an expression",
    code: withOptions(keys, `transform: (rows) => rows.filter((row) => row.delay)`),
    names: ["int64", "boolean"],
  },
  {
    title: "A selected column that does not exist",
    code: withOptions(keys, `transform: (rows) => rows.select("origin", "dely")`),
    names: ["dely", "delay"],
  },
  {
    title: "A group by a column that does not exist",
    code: withOptions(keys, total.replace(`"origin"`, `"orign"`)),
    names: ["orign", "origin"],
  },
  {
    title: "A join on a column that does not exist",
    code: withOptions(keys, `transform: (rows) => rows.join(airports, { on: { origin: "cod" } })`),
    names: ["cod", "code"],
  },
  {
    title: "A join of a string with an integer",
    code: withOptions(keys, `transform: (rows) => rows.join(airports, { on: { origin: "id" } })`),
    names: ["origin", "string", "id", "int64"],
  },
  {
    title: "An as-of join with rows that have no time",
    code: withOptions(keys, `transform: (rows) => rows.asOfJoin(airports, { on: { origin: "code" } })`),
    names: ["right side", "no timestamp", "timestamps: { right: 'at' }"],
  },
  {
    title: "An as-of join of columns with the same name",
    code: withOptions(
      keys,
      `transform: (rows, from) => rows.asOfJoin(from(flights).select("origin", "delay", { known: "date" }), { on: "origin" })`,
    ),
    names: ["delay", "select", "rename"],
  },
  {
    title: "A sequence by a column that does not exist",
    code: withOptions(keys, `transform: (rows) => rows.sequence({ keys: ["orign"], columns: { flight: "rowNumber" } })`),
    names: ["orign", "origin"],
  },
  {
    title: "An earlier value of a column that does not exist",
    code: withOptions(keys, `transform: (rows) => rows.sequence({ keys: ["origin"], columns: { before: { lag: "dely" } } })`),
    names: ["dely", "delay"],
  },
  {
    title: "Sessions by a column that does not exist",
    code: withOptions(keys, `transform: (rows) => rows.sessions({ keys: ["orign"], gap: "2h", aggregate: () => ({ flights: count() }) })`),
    names: ["orign", "origin"],
  },
  {
    title: "Sessions with a column without an aggregate",
    code: withOptions(
      keys,
      `transform: (rows) => rows.sessions({ keys: ["origin"], gap: "2h", aggregate: ({ delay }) => ({ total: delay }) })`,
    ),
    names: ["total", ".sum()"],
  },
  {
    title: "Labels without a key",
    code: training(`["delays"]`, `[{ orgin: "SEA", at: new Date() }]`),
    names: ["origin", "delays", "orgin"],
  },
  { title: "Labels with another timestamp", code: training(`["delays"]`, "labels", "ta"), names: ["ta", "at"] },
  { title: "A label timestamp that is not a time", code: training(`["delays"]`, "labels", "late"), names: ["late", "timestamp"] },
  { title: "A feature that does not exist", code: training(`["delais"]`), names: ["delais", "delays"] },
  { title: "A version that is not one", code: training(`["delays@newest"]`), names: ["newest", "1.0.2", "latest"] },
  {
    title: "A version of a selection that is not one",
    code: training(`[{ feature: "delays", version: "one" }]`),
    names: ["one", "1.0.2", "latest"],
  },
  { title: "A version to build that is not one", code: `defs.build({ version: "1.0" });`, names: ["1.0", "2.0.0"] },
  { title: "A version to plan that is not one", code: `defs.plan({ version: "v1.0.0" });`, names: ["v1.0.0", "2.0.0"] },
  {
    title: "A version to roll back to that is not one",
    code: `defs.versions.rollback("delays", { version: "latest" });`,
    names: ["latest", "2.0.0"],
  },
  { title: "A version to hold that is not one", code: `defs.versions.hold("delays", { version: "^1.0" });`, names: ["^1.0", "2.0.0"] },
  {
    title: "A version to read that is not one",
    code: `defs.readFeature("delays", { version: "latset" });`,
    names: ["latset", "latest", "1.0.2"],
  },
  { title: "A column to read that does not exist", code: `defs.readFeature("delays", { columns: ["dely"] });`, names: ["dely", "delay"] },
  {
    title: "A column of a feature that does not exist",
    code: training(`[{ feature: delays, columns: ["dely"] }]`),
    names: ["dely", "delay"],
  },
  {
    title: "A key that the feature does not have",
    code: training(`[{ feature: "delays", keys: { orgin: "origin" } }]`),
    names: ["orgin", "origin"],
  },
  {
    title: "A key that the labels do not have",
    code: training(`[{ feature: "delays", keys: { origin: "orgin" } }]`),
    names: ["orgin", "origin"],
  },
  {
    title: "A column of the rows that does not exist",
    code: `const training = await ${training(`["delays"]`)}
for await (const row of training.rows()) row.dely;`,
    names: ["dely", "delay"],
  },
  {
    title: "The same with label files",
    code: `const training = await ${training(`["delays"]`, `"labels/*.parquet"`)}
for await (const row of training.rows()) row.dely;`,
    names: ["dely", "delay"],
  },
  {
    title: "The same with features in a module",
    code: `const inModule = new Definitions({ name: "flights", features: [{ delays, labels }], offlineStore: defs.offlineStore });
const training = await ${training(`["delays"]`).replace("defs.", "inModule.")}
for await (const row of training.rows()) row.dely;`,
    names: ["dely", "delay"],
  },
];
