import { deepEqual, equal, ok } from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { Engine, EngineOptions, Plan } from "@mlforge/spec";
import { rejectsWith } from "../../store/conformance/expect.js";
import { endless, endlessRows } from "../numbers.js";
import { nullable, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { filesIn } from "./files.js";

const small = table([nullable("n", "int64")], [["1"]]);

const counting = {
  operations: ["join", "filter", "aggregate"],
  functions: ["add", "multiply", "modulo", "equal"],
  aggregates: ["count"],
} as const;

async function countRows(engine: Engine, plan: Plan, options?: EngineOptions): Promise<number> {
  let rows = 0;
  for await (const batch of engine.run(plan, options)) rows += batch.numRows;
  return rows;
}

export function abortLaws(law: EngineLaw): void {
  law("describe and run with an aborted signal reject with its reason", {}, async ({ engine }) => {
    const reason = { why: "before" };
    const options = { signal: AbortSignal.abort(reason) };
    await rejectsWith(engine.describe(small, options), reason);
    await rejectsWith(countRows(engine, small, options), reason);
  });

  law("write with an aborted signal rejects with its reason and writes nothing", { writes: "parquet" }, async ({ engine, url, folder }) => {
    const reason = { why: "before" };
    const target = { url: url("never.parquet"), format: "parquet" } as const;
    await rejectsWith(engine.write(small, target, { signal: AbortSignal.abort(reason) }), reason);
    deepEqual(await filesIn(folder), []);
  });

  for (const delayMs of [0, 1, 5, 50]) {
    law(`an abort after ${delayMs} ms ends a running call with its reason, and the engine goes on`, counting, async ({ engine }) => {
      equal(await countRows(engine, small), 1);
      const reason = new Error("stop");
      const controller = new AbortController();
      const running = countRows(engine, endless(), { signal: controller.signal });
      const rejection = rejectsWith(running, reason);
      await setTimeout(delayMs);
      controller.abort(reason);
      await rejection;
      equal(await countRows(engine, small), 1);
    });
  }

  law("an abort ends each of many calls with the reason of its own signal", counting, async ({ engine }) => {
    const controllers = Array.from({ length: 12 }, () => new AbortController());
    const settled = Promise.allSettled(controllers.map(({ signal }) => countRows(engine, endless(), { signal })));
    for (const [index, controller] of controllers.entries()) controller.abort(index);
    deepEqual(
      await settled,
      controllers.map((_, reason) => ({ status: "rejected", reason })),
    );
  });

  law("an abort between two batches ends the rows with its reason", { operations: ["join"] }, async ({ engine }) => {
    const controller = new AbortController();
    const batches = engine.run(endlessRows(), { signal: controller.signal })[Symbol.asyncIterator]();
    ok(((await batches.next()).value?.numRows ?? 0) > 0);
    controller.abort("enough");
    await rejectsWith(batches.next(), "enough");
  });

  law("the rows of a query can be left early, and the engine goes on", { operations: ["join"] }, async ({ engine }) => {
    for await (const batch of engine.run(endlessRows())) {
      ok(batch.numRows > 0);
      break;
    }
    equal(await countRows(engine, small), 1);
  });

  law("an abort of a write ends it with its reason and leaves no file", { writes: "parquet", operations: ["join"] }, async (tools) => {
    const { engine, url, folder } = tools;
    for (const delayMs of [0, 50, 500]) {
      const controller = new AbortController();
      const reason = new Error("stop");
      const target = { url: url(`part-${delayMs}.parquet`), format: "parquet" } as const;
      const rejection = rejectsWith(engine.write(endlessRows(), target, { signal: controller.signal }), reason);
      await setTimeout(delayMs);
      controller.abort(reason);
      await rejection;
      deepEqual(await filesIn(folder), []);
    }
  });
}
