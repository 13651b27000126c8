import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

const definitions = `${imports}
const users = source({
  path: "data/users.csv",
  columns: { user_id: t.string(), at: t.timestamp(), spend: t.int64() },
  timestamp: "at",
});
const sales = source({
  name: "sales_labels",
  path: "labels/sales-*.csv",
  format: { kind: "csv", delimiter: ";", decimal: "," },
  columns: { buyer: t.string(), seller: t.string(), price: t.decimal(9, 2), sold: t.timestamp({ format: "%d.%m.%Y" }) },
});
export const stats = feature({ name: "stats", source: users, keys: ["user_id"] });
export const shifts = feature({
  name: "shifts",
  source: source({ path: "data/shifts.csv", columns: { at: t.timestamp(), known: t.timestamp(), staff: t.int64() }, timestamp: "known" }),
  keys: ["at"],
});
export const dated = feature({
  name: "dated",
  source: source({ name: "dates", path: "data/shifts.csv", columns: { at: t.date(), known: t.timestamp(), staff: t.int64() }, timestamp: "known" }),
  keys: ["at"],
});
export const defs = new Definitions({
  name: "shop",
  features: [stats, shifts, dated],
  labels: [sales],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;

let project: Project;
beforeAll(async () => {
  project = await Project.create({
    "definitions.ts": definitions,
    "data/users.csv": "user_id,at,spend\n1,2024-01-01,10\n1,2024-02-01,30\n02,2024-01-02,20\n",
    "data/shifts.csv": "at,known,staff\n2024-05-01,2024-01-01,1\n2024-06-01,2024-01-01,2\n",
    "labels/sales-1.csv": "buyer;seller;price;sold\n1;02;1,50;15.01.2024\n02;3;2,25;01.03.2024\n",
    "labels/plain.csv": "user_id,at\n1,2024-01-15\n2,2024-03-01\n",
    "labels/plain.ndjson": '{"user_id":1,"at":"2024-01-15"}\n{"user_id":2,"at":"2024-03-01"}\n',
  });
  expect((await project.run(["build"])).exitCode).toBe(0);
});
afterAll(() => project[Symbol.asyncDispose]());

async function train(...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await project.run(["training-data", "--out", "train.csv", ...args]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return readFile(join(project.path, "train.csv"), "utf8");
}

describe("mlforge training-data --labels", () => {
  const choice = "stats as buyer_ on user_id=buyer,stats as seller_ on user_id=seller";
  const expected = `buyer,seller,price,sold,buyer_spend,seller_spend
1,02,1.50,2024-01-15T00:00:00.000000Z,10,20
02,3,2.25,2024-03-01T00:00:00.000000Z,20,
`;

  it("takes declared labels by their name, one feature for two of their columns", async () => {
    expect(await train("--labels", "sales_labels", "--timestamp", "sold", "--features", choice)).toBe(expected);
  });

  it("gives the same again by a lock", async () => {
    expect(await train("--labels", "sales_labels", "--timestamp", "sold", "--features", choice, "--lock", "sales.lock")).toBe(expected);
    expect(await train("--lock", "sales.lock")).toBe(expected);
    const { exitCode, stderr } = await project.run([
      "training-data",
      "--lock",
      "sales.lock",
      "--label-types",
      "price=string",
      "--out",
      "x.csv",
    ]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("already fixes the labels; drop --label-types")]);
  });

  it.each(["labels/plain.csv", "labels/plain.ndjson"])("reads columns of %s as --label-types say, and finds the others", async (path) => {
    const refused = await project.run(["training-data", "--labels", path, "--timestamp", "at", "--features", "stats", "--out", "x.csv"]);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('the key "user_id" is int64 in the labels and string')]);
    expect(await train("--labels", path, "--timestamp", "at", "--features", "stats", "--label-types", "user_id=string")).toBe(
      "user_id,at,spend\n1,2024-01-15,10\n2,2024-03-01,\n",
    );
    expect(await train("--labels", path, "--timestamp", "at", "--features", "stats", "--label-types", "user_id=string,at=timestamp")).toBe(
      "user_id,at,spend\n1,2024-01-15T00:00:00.000000Z,10\n2,2024-03-01T00:00:00.000000Z,\n",
    );
  });

  it.each([
    [["--labels", "sale_labels"], 'no declared labels or file named "sale_labels"; did you mean "sales_labels"?'],
    [["--labels", "labels/plain.csv", "--label-types", "user_id=strin"], '"strin" is not a column type; did you mean "string"?'],
    [["--labels", "labels/plain.csv", "--label-types", "user=string"], 'labelTypes: no column "user" in the labels'],
    [["--labels", "labels/plain.csv", "--label-types", "user_id"], 'write a type as column=type, not "user_id"'],
    [["--labels", "sales_labels", "--features", "stats on user_id"], '"stats on user_id" is not a valid feature selection'],
    [["--labels", "sales_labels", "--features", "stats on user=buyer"], 'keys: no column "user" in the keys of feature "stats"'],
  ])("refuses %j with exit code 2", async (args, message) => {
    const features = args.includes("--features") ? [] : ["--features", "stats"];
    const { exitCode, stderr } = await project.run(["training-data", "--timestamp", "sold", "--out", "x.csv", ...features, ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it("explains a feature that has a key named at", async () => {
    const args = ["explain", "--features", "shifts", "--key", "at=2024-05-01", "--at", "2024-06-01", "--json"];
    const { exitCode, stdout, stderr } = await project.run(args);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      row: { at: "2024-05-01T00:00:00Z", at_: "2024-06-01T00:00:00Z" },
      at: "2024-06-01T00:00:00.000000Z",
      features: [{ outcome: "found", keys: { at: "2024-05-01T00:00:00Z" }, newest: { values: { staff: 1 } } }],
    });
  });

  it("refuses to explain a key that --key cannot give, and says what can", async () => {
    const { exitCode, stderr } = await project.run(["explain", "--features", "dated", "--key", "at=2024-05-01", "--at", "2024-06-01"]);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('the key "at" is date, which --key cannot give; put the label into a file'),
    ]);
    await project.write({ "labels/dated.csv": "at,moment\n2024-05-01,2024-06-01\n" });
    const label = [
      "--labels",
      "labels/dated.csv",
      "--row",
      "0",
      "--timestamp",
      "moment",
      "--label-types",
      "at=date,moment=timestamp",
      "--json",
    ];
    const explained = await project.run(["explain", "--features", "dated", ...label]);
    expect(JSON.parse(explained.stdout)).toMatchObject({ features: [{ outcome: "found", newest: { values: { staff: 1 } } }] });
  });

  it("lists, inspects and explains declared labels", async () => {
    const { sources } = JSON.parse((await project.run(["list", "sources", "--json"])).stdout) as { sources: { name: string }[] };
    expect(sources.map(({ name }) => name)).toEqual(["users", "shifts", "dates", "sales_labels"]);
    expect((await project.run(["inspect", "source", "sales_labels"])).stdout).toMatch(/price\s+decimal\(9, 2\)/);
    const explained = await project.run([
      "explain",
      "--features",
      "stats on user_id=buyer",
      "--labels",
      "sales_labels",
      "--row",
      "0",
      "--timestamp",
      "sold",
      "--json",
    ]);
    expect(JSON.parse(explained.stdout)).toMatchObject({
      features: [{ feature: "stats", keys: { buyer: "1" }, outcome: "found", newest: { values: { spend: 10 } } }],
    });
  });
});
