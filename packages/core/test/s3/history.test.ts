import { S3Client } from "@aws-sdk/client-s3";
import type { Store } from "@mlforge/spec";
import { S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { type Fault, faultAt, faultProxy } from "@mlforge/testkit/http";
import { prefixStore } from "@mlforge/testkit/store";
import pMap from "p-map";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sweep } from "../../../../test/sweep.js";
import { isMlforgeError } from "../../src/index.js";
import { readHistory } from "../../src/log/history.js";
import { pruneFeature } from "../../src/log/prune.js";
import { release } from "../../src/log/release.js";
import { rollBack } from "../../src/log/rollback.js";
import { build, bytesOf, logOf, readWhole } from "../log/candidates.js";
import { type Bucket, openBucket } from "./bucket.js";

/** One of each sort: builds are held against all of them, and every request of these calls is of a kind that builds make, but for the deletions. */
const faults: readonly Fault[] = [
  { kind: "status", status: 500, code: "InternalError", when: "after" },
  { kind: "status", status: 409, code: "ConditionalRequestConflict", when: "before" },
  { kind: "timeout", when: "after" },
  { kind: "reset", when: "midBody" },
];

/** The distance between the requests that a fault hits. A store that is new behind a proxy makes about fifty to test conditional writes. */
const step = sweep({ ci: 8, nightly: 1 });

let bucket: Bucket;
let runs = 0;

/** What three builds leave, by key; copied, since building anew for each fault would take most of the time. */
const template = new Map<string, Uint8Array>();

/** Three versions of `f` in a folder of their own. */
async function filled(): Promise<{ readonly prefix: string; readonly store: Store }> {
  const prefix = `history-${runs++}`;
  const store = prefixStore(bucket.root, `${prefix}/`);
  if (template.size === 0) {
    for (const source of ["one", "two", "three"]) await build(store, `build ${source}`, { source });
    for (const key of await bucket.keys(`${prefix}/`)) {
      const below = key.slice(prefix.length + 1);
      template.set(below, (await bytesOf(store, below)) ?? new Uint8Array());
    }
    return { prefix, store };
  }
  for (const [key, bytes] of template) await store.put(key, bytes);
  return { prefix, store };
}

const toFirst = { to: { version: "1.0.0" }, hold: true, reason: "bad data", dryRun: false };
/** By this clock all that is in the bucket is two days old. */
const later = (keep: number) => ({
  keep,
  olderThan: 1_000,
  now: Date.now() + 2 * 24 * 60 * 60 * 1_000,
  isPinned: () => false,
  isLocked: () => false,
});

describeWith("moto", "rollback, hold, release and prune in S3", () => {
  beforeAll(async () => {
    bucket = await openBucket();
  });
  afterAll(() => bucket[Symbol.asyncDispose]());

  it("move the pointer, keep it, and remove what is old; the claims stay", async () => {
    const { prefix, store } = await filled();
    expect(await rollBack(logOf(store, "back"), toFirst)).toMatchObject({ from: "1.0.2", to: "1.0.0", moved: true, held: true });
    expect(await build(store, "while held", { source: "four" })).toMatchObject({ move: { moved: false, because: "held" } });
    expect(await release(logOf(store, "release"), "mended")).toMatchObject({ released: true });
    expect(await build(store, "after", { source: "four" })).toEqual({ kind: "promoted", version: "1.0.3", move: { moved: true } });

    const { removed } = await pruneFeature(logOf(store, "prune"), later(2), false);
    expect(removed.map(({ version }) => version)).toEqual(["1.0.0", "1.0.1"]);
    expect(await bucket.keys(`${prefix}/f/1.0.0/`)).toEqual([`${prefix}/f/1.0.0/.claim.json`]);
    expect([...(await readWhole(store, "f")).keys()]).toEqual(["1.0.2", "1.0.3"]);
    expect((await readHistory(store, "f")).history.map(({ kind, version }) => `${kind} ${version}`)).toEqual([
      "prune 1.0.3",
      "build 1.0.3",
      "release 1.0.0",
      "rollback 1.0.0",
      "build 1.0.2",
      "build 1.0.1",
      "build 1.0.0",
    ]);
    expect(await build(store, "next", { source: "five" })).toMatchObject({ metadata: { version: "1.0.4" } });
  });

  it.each(faults.map((fault, place) => ({ ...fault, place })))(
    "$kind $status $code $when at every request: done once or a typed error, and again it is done",
    async ({ place, ...fault }) => {
      for (const [what, call] of [
        ["rollback", (on: Store, id: string) => rollBack(logOf(on, id), toFirst)],
        ["prune", (on: Store, id: string) => pruneFeature(logOf(on, id), later(1), false)],
      ] as const) {
        const calm = await filled();
        await using counter = await faultProxy({ target: bucket.endpoint, decide: () => undefined });
        const counted = through(counter.url, calm.prefix);
        await call(counted.store, "counted");
        counted.client.destroy();
        const all = Array.from({ length: counter.requests.length }, (_, index) => index);
        expect(all.length).toBeGreaterThanOrEqual(3);
        // Each fault begins at another request.
        const requests = all.filter((index) => index % step === (2 * place) % step);
        await pMap(requests, (index) => tryFault(fault, index, `${what} with ${JSON.stringify(fault)} at request ${index}`, call), {
          concurrency: 4,
        });
      }
    },
    300_000,
  );
});

function through(endpoint: string, prefix: string): { readonly client: S3Client; readonly store: S3Store } {
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 2,
    requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
  });
  return { client, store: new S3Store({ bucket: bucket.name, prefix, client }) };
}

async function tryFault(fault: Fault, index: number, what: string, call: (on: Store, id: string) => Promise<unknown>): Promise<void> {
  const { prefix, store: calm } = await filled();
  await using proxy = await faultProxy({ target: bucket.endpoint, decide: faultAt(index, fault) });
  const { client, store } = through(proxy.url, prefix);
  const error = await call(store, "faulty").then(
    () => undefined,
    (reason: unknown) => reason,
  );
  client.destroy();
  if (error !== undefined) expect(isMlforgeError(error, "STORE_UNAVAILABLE"), `${what}: ${String(error)}`).toBe(true);
  const { history, latest } = await readHistory(calm, "f");
  const own = history.filter(({ commit_id }) => commit_id === "faulty");
  if (error === undefined) expect(own, what).toHaveLength(1);
  else expect(own.length, what).toBeLessThanOrEqual(1);
  expect((await readWhole(calm, "f")).has(String(latest)), what).toBe(true);

  await call(calm, "again");
  const after = await readHistory(calm, "f");
  expect(
    after.history.filter(({ commit_id }) => commit_id === "faulty" || commit_id === "again"),
    what,
  ).toHaveLength(1);
  const keys = await bucket.keys(`${prefix}/f/1.0.1/`);
  if (what.startsWith("prune")) expect(keys, what).toEqual([`${prefix}/f/1.0.1/.claim.json`]);
  else expect({ latest: after.latest, held: after.held }, what).toEqual({ latest: "1.0.0", held: true });
  await readWhole(calm, "f");
}
