import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { expectExtends, expectSound, type PointerState, parseState, previousOf } from "../log/pointer-states.js";
import { readVerified, writeSource } from "./run-build.js";

const child = fileURLToPath(new URL("history-child.mjs", import.meta.url));
const processes = 6;
const callsPerProcess = 12;

let folder: string;
let store: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-histories-"));
  store = join(folder, "store");
  path = join(folder, "events.parquet");
  await writeSource(path, "1");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const version = v.string();
const callSchema = v.strictObject({
  reason: v.string(),
  start: v.pipe(
    v.string(),
    v.transform((text) => BigInt(text)),
  ),
  end: v.pipe(
    v.string(),
    v.transform((text) => BigInt(text)),
  ),
  told: v.variant("kind", [
    v.strictObject({ kind: v.literal("built"), version, moved: v.boolean() }),
    v.strictObject({ kind: v.literal("skipped"), version }),
    v.strictObject({
      kind: v.literal("rollback"),
      previous: v.boolean(),
      from: v.optional(version),
      to: version,
      moved: v.boolean(),
      held: v.boolean(),
    }),
    v.strictObject({ kind: v.literal("release"), version, moved: v.boolean() }),
    v.strictObject({ kind: v.literal("prune"), moved: v.boolean() }),
    v.strictObject({ kind: v.literal("look"), latest: v.optional(version), held: v.boolean(), seq: v.number() }),
    v.strictObject({
      kind: v.literal("failed"),
      code: v.picklist(["POINTER_MOVED", "VERSION_NOT_FOUND", "STORE_CONFLICT"]),
      message: v.string(),
    }),
  ]),
});
type Call = v.InferOutput<typeof callSchema>;

/** What a process was told until it ended or killed itself at its nth call on the store. */
async function act(seed: number, fatal: number): Promise<readonly Call[]> {
  const args = [child, store, path, `${seed}`, `${callsPerProcess}`, `${fatal}`];
  const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  started.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  started.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    started.once("close", (...ended) => resolve(ended)),
  );
  expect({ code, signal, stderr: output.stderr }).toMatchObject(fatal === 0 ? { code: 0, stderr: "" } : { signal: "SIGKILL" });
  return output.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => v.parse(callSchema, JSON.parse(line)));
}

async function readState(): Promise<PointerState | undefined> {
  try {
    return parseState(await readFile(join(store, "totals/_latest.json")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The history tells by itself whether the feature is held: a build that moved while it was is a broken promise. */
function heldBy({ history }: PointerState): boolean {
  let held = false;
  for (const { kind, reason, version: to } of [...history].reverse()) {
    if (kind === "build") expect(held, `a build made ${to} latest while it was held`).toBe(false);
    else if (kind === "release") held = false;
    else if (kind === "hold" || (kind === "rollback" && reason.endsWith("hold"))) held = true;
  }
  return held;
}

/** Looks again and again, as fast as it can: each state that is seen has all that was seen before. */
async function keepLooking(working: () => boolean): Promise<number> {
  let seen: PointerState | undefined;
  let states = 0;
  while (working()) {
    const state = await readState();
    if (state === undefined || state.seq === seen?.seq) continue;
    expectSound(state);
    expect(state.held).toBe(heldBy(state));
    if (seen !== undefined) expectExtends(seen, state);
    seen = state;
    states += 1;
  }
  return states;
}

/** Finishes what killed prunes had begun, with a clock by which all builds have ended. Gives the numbers that are gone. */
async function finishPrunes(): Promise<readonly string[]> {
  const totals = feature({
    name: "totals",
    source: source({ path: "unused.parquet", columns: { user: t.string(), amount: t.int64() } }),
    keys: ["user"],
  });
  await using engine = new DuckDBEngine({ threads: 1 });
  const now = () => new Date(Date.now() + 2 * 24 * 60 * 60 * 1_000);
  const defs = new Definitions({
    name: "test",
    features: [totals],
    offlineStore: Object.assign(new LocalStore(store), { clock: async () => now() }),
    engine,
    now,
  });
  expect((await defs.store.prune({ keep: 1_000, olderThan: "1s", dryRun: false })).failed).toEqual([]);
  return (await defs.versions.log(totals)).pruned;
}

function expectTruth(
  calls: readonly Call[],
  { history }: PointerState,
  versions: ReadonlyMap<string, unknown>,
  pruned: readonly string[],
): void {
  const built = calls.flatMap(({ told }) => (told.kind === "built" ? [told.version] : []));
  expect(new Set(built).size, "a number was used twice").toBe(built.length);
  for (const number of built)
    expect(versions.has(number) !== pruned.includes(number), `${number} was told and is there or pruned`).toBe(true);
  const moved: { readonly seq: number; readonly call: Call }[] = [];
  for (const call of calls) {
    const { told, reason } = call;
    if (told.kind === "built") {
      if (!told.moved) continue;
      // Somebody may have rolled to it between its publication and its own move.
      const moves = history.filter((move) => move.version === told.version);
      expect(moves, `the moves to ${told.version}, which was told to be latest`).not.toEqual([]);
      const own = moves.find(({ kind }) => kind === "build");
      if (own !== undefined) moved.push({ seq: own.seq, call });
    }
    if (told.kind !== "rollback" && told.kind !== "release" && told.kind !== "failed") continue;
    const own = history.filter((move) => move.reason.startsWith(reason));
    expect(own.length, `moves of ${reason}`).toBe(told.kind !== "failed" && told.moved ? 1 : 0);
    const [move] = own;
    if (move === undefined) continue;
    moved.push({ seq: move.seq, call });
    if (told.kind !== "rollback") continue;
    const before = history.filter(({ seq }) => seq < move.seq);
    expect({ from: before[0]?.version, to: move.version }).toEqual({ from: told.from, to: told.to });
    if (told.previous) expect(told.to).toBe(previousOf({ version: told.to, seq: 0, held: false, pruned: [], history: before }));
  }
  // Who was answered before another one called has moved before them.
  for (const a of moved) {
    for (const b of moved) if (a.call.end < b.call.start) expect(a.seq, `${a.call.reason} before ${b.call.reason}`).toBeLessThan(b.seq);
  }
}

describe(`${processes} processes that build, roll back, hold, release and prune one feature at once`, () => {
  it.each([
    { title: "to their end", seed: 100, killed: false },
    { title: "of which half are killed at some call on the store", seed: 200, killed: true },
    { title: "of which half are killed at some other call", seed: 300, killed: true },
  ])(
    "$title: the pointer is one line of moves, nothing that was told is missing, and no build moves what is held",
    async ({ seed, killed }) => {
      let working = true;
      const looking = keepLooking(() => working);
      const acting = Array.from({ length: processes }, (_, index) =>
        act(seed + index, killed && index % 2 === 0 ? 15 + index * 8 + (seed % 7) : 0),
      );
      const calls = (
        await Promise.all(acting).finally(() => {
          working = false;
        })
      ).flat();
      expect(await looking).toBeGreaterThan(5);
      expect(calls.length).toBeGreaterThanOrEqual((killed ? processes / 2 : processes) * callsPerProcess);

      const pruned = await finishPrunes();
      const state = await readState();
      if (state === undefined) throw new Error("nothing was built");
      expectSound(state);
      expect(state.held).toBe(heldBy(state));
      const versions = await readVerified(store);
      expect(versions.has(state.version)).toBe(true);
      const rows = versions.get(state.version);
      for (const found of versions.values()) expect(found).toEqual(rows);
      expectTruth(calls, state, versions, pruned);
    },
    180_000,
  );
});
