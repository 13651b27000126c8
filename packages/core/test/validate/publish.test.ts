import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { type Engine, isMlforgeError } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type AnyFeature,
  batches,
  check,
  Definitions,
  explainRule,
  feature,
  greaterThan,
  matchesRegex,
  notNull,
  rowCount,
  source,
  t,
  unique,
} from "../../src/index.js";

let folder: string;
let engine: DuckDBEngine;
beforeAll(() => {
  engine = new DuckDBEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-test-"));
  await writeEvents("a,1\nb,2\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const columns = { user: t.string(), amount: t.int64() };

async function writeEvents(lines: string): Promise<void> {
  await writeFile(join(folder, "events.csv"), `user,amount\n${lines}`);
}

const events = () => source({ path: join(folder, "events.csv"), columns });

function definitionsOf(...features: readonly AnyFeature[]): Definitions {
  return new Definitions({ name: "test", features, offlineStore: new LocalStore(join(folder, "store")), engine });
}

const amounts = (): AnyFeature =>
  feature({ name: "amounts", source: events(), keys: ["user"], validators: [notNull("amount"), greaterThan("amount", 0)] });

/** The real engine, with queries run in another way. */
function engineThat(run: Engine["run"]): Engine {
  return {
    specVersion: 1,
    name: engine.name,
    version: engine.version,
    capabilities: engine.capabilities,
    describe: (plan, options) => engine.describe(plan, options),
    write: (plan, target, options) => engine.write(plan, target, options),
    run,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function failureOf(defs: Definitions): Promise<unknown> {
  const { failed } = await defs.build();
  return failed[0]?.error;
}

describe("a build whose rows break a rule", () => {
  it("publishes nothing and leaves the version before it latest", async () => {
    const defs = definitionsOf(amounts());
    await defs.build();
    const before = await readdir(join(folder, "store", "amounts"), { recursive: true });
    await writeEvents("a,-1\nb,2\nc,\nd,-3\n");
    const error = await failureOf(defs);
    if (!isMlforgeError(error, "VALIDATION_FAILED")) throw error;
    expect(error.retryable).toBe(false);
    expect(error.message).toBe(
      'feature "amounts" breaks 2 of its 2 rules: notNull(amount): 1 of 4 rows fail, such as (user=c, amount=null); ' +
        "greaterThan(amount, 0): 2 of 4 rows fail, such as (user=a, amount=-1) (user=d, amount=-3); " +
        'nothing was published. Correct the data or the transform, or set tolerate or severity: "warn" on the rule',
    );
    expect(error.details).toMatchObject({ feature: "amounts", rules: [{ failed: 1 }, { failed: 2, column: "amount" }] });
    expect(await readdir(join(folder, "store", "amounts"), { recursive: true })).toEqual(before);
    expect(await defs.versions.list("amounts")).toMatchObject({ latest: "1.0.0", versions: [{ version: "1.0.0" }] });
    await writeEvents("a,1\nb,2\nc,3\n");
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.1", warnings: [] }]);
  });

  it("publishes nothing of a first version either", async () => {
    await writeEvents("a,-1\n");
    const defs = definitionsOf(amounts());
    expect(await failureOf(defs)).toMatchObject({ code: "VALIDATION_FAILED" });
    expect(await defs.versions.list("amounts")).toEqual({ feature: "amounts", latest: undefined, versions: [], broken: [] });
  });

  it("tells broken keys first", async () => {
    await writeEvents("a,-1\na,2\n");
    expect(await failureOf(definitionsOf(amounts()))).toMatchObject({ code: "KEY_VIOLATION" });
  });

  it("is told also where another rule only warns", async () => {
    await writeEvents("a,\nb,-2\n");
    const made = feature({
      name: "amounts",
      source: events(),
      keys: ["user"],
      validators: [notNull("amount", { severity: "warn" }), greaterThan("amount", 0)],
    });
    expect(await failureOf(definitionsOf(made))).toMatchObject({
      message: expect.stringMatching(/^feature "amounts" breaks 1 of its 2 rules: warning: notNull\(amount\): 1 of 2 rows fail/),
    });
  });
});

describe("a build whose rows are good enough", () => {
  it("keeps the counts of all rules in the metadata, and no rows of data", async () => {
    await writeEvents("secret,\nb,2\n");
    const made = feature({
      name: "amounts",
      source: events(),
      keys: ["user"],
      validators: [notNull("amount", { severity: "warn" }), greaterThan("amount", 2, { tolerate: 0.5 }), rowCount({ min: 1 })],
    });
    const defs = definitionsOf(made);
    const { built } = await defs.build();
    expect(built[0]?.warnings).toMatchObject([{ name: "notNull(amount)", examples: [{ user: "secret", amount: null }] }]);
    const { validation } = await defs.versions.inspect("amounts");
    const counted = { rows: 2, column: "amount" };
    expect(validation).toEqual([
      { ...counted, name: "notNull(amount)", rule: "notNull", severity: "warn", failed: 1, tolerated: 0, passed: false },
      { ...counted, name: "greaterThan(amount, 2)", rule: "greaterThan", severity: "error", failed: 1, tolerated: 1, passed: true },
      { name: "rowCount(min 1)", rule: "rowCount", severity: "error", rows: 2, failed: 0, tolerated: 0, passed: true },
    ]);
    expect(await readFile(join(folder, "store/amounts/1.0.0/.meta.json"), "utf8")).not.toContain("secret");
  });

  it("writes no results where there are no validators", async () => {
    const defs = definitionsOf(feature({ name: "amounts", source: events(), keys: ["user"] }));
    await defs.build();
    expect(await defs.versions.inspect("amounts")).not.toHaveProperty("validation");
  });

  it("is not repeated where only the validators changed", async () => {
    const plain = feature({ name: "amounts", source: events(), keys: ["user"] });
    expect((await definitionsOf(plain).build()).built).toHaveLength(1);
    expect(await definitionsOf(amounts()).build()).toMatchObject({ built: [], skipped: [{ reason: "nothing changed" }], failed: [] });
  });
});

describe("validators", () => {
  it("see the rows that a transform makes, by the columns it makes", async () => {
    const made = feature({
      name: "made",
      source: events(),
      keys: ["user"],
      transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum(), mean: amount.mean() })),
      validators: (row) => [greaterThan("total", 1), check("the mean is below the total", row.mean.lt(row.total))],
    });
    expect((await definitionsOf(made).validate()).validated).toMatchObject([
      {
        rules: [
          { failed: 1, examples: [{ user: "a", total: "1" }] },
          { failed: 2, examples: [{ user: "a" }, { user: "b" }] },
        ],
      },
    ]);
  });

  it("see columns that are found only when the source is read", async () => {
    const loose = source({ path: join(folder, "events.csv") });
    const made = feature({ name: "made", source: loose, keys: ["user"], validators: [unique("amount"), notNull("usr")] });
    expect(await failureOf(definitionsOf(made))).toMatchObject({
      code: "DEFINITION_INVALID",
      message: expect.stringContaining('no column "usr" in the rows given to validators; did you mean "user"?'),
    });
  });

  it("are counted in one pass, whatever their number, and what failed is looked at once more", async () => {
    await writeEvents("a,1\nb,2\nc,2\n");
    const plans: string[] = [];
    const recording = engineThat((plan, options) => {
      plans.push(plan.op);
      return engine.run(plan, options);
    });
    const validators = [notNull("amount"), unique("user"), greaterThan("amount", 0), rowCount({ min: 1 }), matchesRegex("user", "^[a-z]$")];
    for (const [added, expected] of [
      [[], ["keyViolations", "aggregate"]],
      [[greaterThan("amount", 1)], ["keyViolations", "aggregate", "project"]],
      [[unique("amount")], ["keyViolations", "aggregate", "aggregate", "project"]],
    ] as const) {
      plans.length = 0;
      const made = feature({ name: "made", source: events(), keys: ["user"], validators: [...validators, ...added] });
      const store = new LocalStore(join(folder, "store"));
      await new Definitions({ name: "test", features: [made], offlineStore: store, engine: recording }).validate();
      expect(plans).toEqual(expected);
    }
  });

  it("do not pass where an engine loses the counts", async () => {
    const losing = engineThat(async function* (plan, options) {
      if (plan.op !== "aggregate") yield* engine.run(plan, options);
    });
    const store = new LocalStore(join(folder, "store"));
    const defs = new Definitions({ name: "test", features: [amounts()], offlineStore: store, engine: losing });
    const message = expect.stringContaining("duckdb returned no row for an aggregate without keys");
    expect((await defs.build()).failed).toMatchObject([{ feature: "amounts", error: { code: "UNEXPECTED", message } }]);
    expect((await defs.versions.list("amounts")).versions).toEqual([]);
  });

  it.each([
    ["a relation", undefined],
    ["a function over batches", batches({ columns: { ...columns, at: t.timestamp() }, run: (input) => input })],
  ])("see the rows that windows make of %s", async (_, transform) => {
    await writeFile(join(folder, "timed.csv"), "user,amount,at\na,1,2024-01-01\na,,2024-01-01\nb,5,2024-01-02\n");
    const timed = source({ path: join(folder, "timed.csv"), columns: { ...columns, at: t.timestamp() }, timestamp: "at" });
    const made = feature({
      name: "w",
      source: timed,
      keys: ["user"],
      transform,
      rolling: { every: "1d", windows: ["1d"], aggregations: { amount: ["sum", "count"] } },
      validators: [notNull("w__amount__sum__1d__1d"), greaterThan("w__amount__count__1d__1d", 0)],
    });
    const store = new LocalStore(join(folder, "store"));
    const defs = new Definitions({ name: "test", features: [made], offlineStore: store, format: new ParquetFormat(), engine });
    const { validated, failed } = await defs.validate();
    expect(failed).toEqual([]);
    // A day after its last event a user has no rows in the window: no sum, and a count of 0.
    const examples = [
      { user: "a", at: "2024-01-03T00:00:00.000000Z" },
      { user: "b", at: "2024-01-04T00:00:00.000000Z" },
    ];
    expect(validated[0]?.rules).toMatchObject([
      { column: "w__amount__sum__1d__1d", rows: 4, failed: 2, examples },
      { column: "w__amount__count__1d__1d", rows: 4, failed: 2, examples },
    ]);
  });

  it("say which feature they belong to where the engine cannot run them", async () => {
    const made = feature({
      name: "made",
      source: events(),
      keys: ["user"],
      validators: [matchesRegex("user", "(a"), check("no overflow", (row) => row.amount.times(9_007_199_254_740_991).times(2_000).gt(0))],
    });
    expect(await failureOf(definitionsOf(made))).toMatchObject({
      message: expect.stringMatching(/^the validators of feature "made": /),
      details: { where: "made.validators" },
    });
  });

  it("need an engine, which is told before a function is run", async () => {
    let ran = false;
    const made = feature({
      name: "made",
      source: events(),
      keys: ["user"],
      transform: batches({
        columns,
        run: (input) => {
          ran = true;
          return input;
        },
      }),
      validators: [notNull("amount")],
    });
    const store = new LocalStore(join(folder, "store"));
    const defs = new Definitions({ name: "test", features: [made], offlineStore: store, format: new ParquetFormat() });
    expect((await defs.build()).failed[0]?.error).toMatchObject({
      code: "CAPABILITY_MISSING",
      message: expect.stringContaining('feature "made" has validators, which need an engine'),
    });
    expect(ran).toBe(false);
  });

  it("are run over the output of a function where there is an engine", async () => {
    const made = feature({
      name: "made",
      source: events(),
      keys: ["user"],
      transform: batches({ columns, run: (input) => input }),
      validators: [greaterThan("amount", 1)],
    });
    const store = new LocalStore(join(folder, "store"));
    const defs = new Definitions({ name: "test", features: [made], offlineStore: store, format: new ParquetFormat(), engine });
    const { validated } = await defs.validate();
    expect(validated[0]?.rules.map(explainRule)).toEqual(["greaterThan(amount, 1): 1 of 2 rows fail, such as (user=a, amount=1)"]);
  });
});

describe("validate", () => {
  it("computes what is published already, and publishes nothing", async () => {
    const defs = definitionsOf(amounts(), feature({ name: "plain", source: events(), keys: ["user"] }));
    const steps = new Set<string>();
    const report = await defs.validate({ onProgress: ({ step }) => steps.add(step) });
    expect(report).toMatchObject({
      validated: [
        { feature: "amounts", rows: 2, passed: true, rules: [{ failed: 0, examples: [] }, { failed: 0 }] },
        { feature: "plain", rows: 2, passed: true, rules: [] },
      ],
      failed: [],
    });
    expect([...steps]).toEqual(["reading", "computing", "checking"]);
    // Whoever may only read the store can validate.
    expect(await readdir(folder)).not.toContain("store");
    expect((await defs.versions.list("amounts")).versions).toEqual([]);
  });

  it("ends with the reason of its signal", async () => {
    const reason = new Error("enough");
    await expect(definitionsOf(amounts()).validate({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("tells each feature as it is done", async () => {
    await writeEvents("a,1\na,2\n");
    const told: string[] = [];
    const total = feature({
      name: "total",
      source: events(),
      keys: ["user"],
      transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
    });
    await definitionsOf(amounts(), total).validate({ onFeature: ({ kind, result }) => told.push(`${kind} ${result.feature}`) });
    expect(told.sort()).toEqual(["failed amounts", "validated total"]);
  });
});
