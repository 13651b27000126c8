// A process that builds, rolls back, holds, releases, prunes and looks at one feature at random, and tells after each call what it was told.
// Arguments: the folder of the store, the source, the seed, how many calls, and the number of the call on the store at which it kills itself, or 0.
import { writeSync } from "node:fs";
import { count, Definitions, feature, isMlforgeError, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { interceptStore } from "@mlforge/testkit/store";

const [, , folder, path, ...numbers] = process.argv;
const [seed, calls, fatal] = numbers.map(Number);

let operations = 0;
const openStore = () =>
  interceptStore(new LocalStore(folder), () => {
    operations += 1;
    if (operations === fatal) process.kill(process.pid, "SIGKILL");
  });
const events = source({ path, columns: { user: t.string(), amount: t.int64() } });
const totals = feature({
  name: "totals",
  source: events,
  keys: ["user"],
  transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum(), events: count() })),
});
const shared = {
  name: "test",
  features: [totals],
  offlineStore: openStore(),
  engine: new DuckDBEngine({ threads: 1 }),
  by: `child ${seed}`,
};
const defs = new Definitions(shared);
// By its clock every build that is on its way has died two days ago.
const now = () => new Date(Date.now() + 2 * 24 * 60 * 60 * 1_000);
const pruner = new Definitions({ ...shared, offlineStore: Object.assign(openStore(), { clock: async () => now() }), now });

// mulberry32, public domain, by Tommy Ettinger.
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let x = Math.imul(state ^ (state >>> 15), 1 | state);
  x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
  return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
}

async function act(reason) {
  const choice = random();
  if (choice < 0.35) {
    const { built, skipped, failed } = await defs.build({ force: random() < 0.7 });
    if (failed[0] !== undefined) throw failed[0].error;
    if (built[0] === undefined) return { kind: "skipped", version: skipped[0].version };
    return { kind: "built", version: built[0].version, moved: built[0].latest };
  }
  if (choice < 0.7) {
    const { versions } = await defs.versions.list(totals);
    const hold = random() < 0.25;
    const previous = random() < 0.5 || versions.length === 0;
    const target = previous ? { previous: true } : { version: versions[Math.floor(random() * versions.length)].version };
    const { from, to, moved, held } = await defs.versions.rollback(totals, { ...target, hold, reason: hold ? `${reason} hold` : reason });
    return { kind: "rollback", previous, from, to, moved, held };
  }
  if (choice < 0.85) {
    const { version, released } = await defs.versions.release(totals, { reason });
    return { kind: "release", version, moved: released };
  }
  if (choice < 0.93) {
    const { features, failed } = await pruner.store.prune({ keep: Math.floor(random() * 4), olderThan: "1s", dryRun: false });
    if (failed[0] !== undefined) throw failed[0].error;
    return { kind: "prune", moved: features[0].removed.some(({ because }) => because !== "unfinished") };
  }
  const { latest, held, history } = await defs.versions.log(totals);
  return { kind: "look", latest, held, seq: history.length };
}

for (let call = 0; call < calls; call++) {
  const reason = `${seed}.${call}.`;
  const start = process.hrtime.bigint();
  let told;
  try {
    told = await act(reason);
  } catch (error) {
    if (!isMlforgeError(error)) throw error;
    told = { kind: "failed", code: error.code, message: error.message };
  }
  // Written at once, so that nothing that was told is lost when the process is killed.
  writeSync(1, `${JSON.stringify({ reason, start: `${start}`, end: `${process.hrtime.bigint()}`, told })}\n`);
}
await defs[Symbol.asyncDispose]();
