import { setTimeout } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import type { Store } from "@mlforge/spec";
import { S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { type Decide, type FaultProxy, faultProxy, randomFaults } from "@mlforge/testkit/http";
import { prefixStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sweep } from "../../../../test/sweep.js";
import { replayHistory } from "../log/history.js";
import { type Bucket, openBucket } from "./bucket.js";
import { s3Faults } from "./s3-faults.js";

const seeds = sweep({ ci: 40, nightly: 300 });
const writers = 4;
const buildsPerWriter = 2;
/** Histories that go on at once; most of their time is waiting. */
const atOnce = 6;

let bucket: Bucket;
let proxy: FaultProxy;
const deciders = new Map<string, Decide>();

describeWith("moto", "histories of several writers with faults between them and S3", () => {
  beforeAll(async () => {
    bucket = await openBucket();
    proxy = await faultProxy({
      target: bucket.endpoint,
      decide: (request) => deciders.get(/\/h(\d+)\//.exec(request.target)?.[1] ?? "")?.(request),
    });
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
  });

  it(`${seeds} seeds: no version is seen in part, lost after it was acknowledged, or written twice`, async () => {
    // A client that repeats requests by itself, as the SDK does, and soon gives up an answer that does not come.
    const clients = Array.from(
      { length: writers },
      () =>
        new S3Client({
          endpoint: proxy.url,
          region: "us-east-1",
          forcePathStyle: true,
          maxAttempts: 2,
          requestHandler: { requestTimeout: 2_000, throwOnRequestTimeout: true, httpAgent: { maxSockets: 64 } },
        }),
    );
    const stores = clients.map((client) => new S3Store({ bucket: bucket.name, client }));
    let [next, acknowledged] = [1, 0];
    const work = async (): Promise<void> => {
      for (let seed = next++; seed <= seeds; seed = next++) {
        deciders.set(`${seed}`, randomFaults({ seed, probability: 0.08, faults: s3Faults }));
        const below = (store: Store): Store => prefixStore(store, `h${seed}/`);
        try {
          const published = await replayHistory({
            seed,
            truth: below(bucket.root),
            writers: stores.map(below),
            buildsPerWriter,
            pause: () => setTimeout(400),
          });
          acknowledged += published;
        } catch (cause) {
          throw new Error(`the history of seed ${seed} broke a promise`, { cause });
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    // On a machine that answers nothing in time, nothing would be tested.
    expect(acknowledged).toBeGreaterThan(seeds * 2);
    for (const kind of s3Faults) expect(proxy.requests.filter(({ fault }) => fault === kind).length).toBeGreaterThan(0);
    for (const client of clients) client.destroy();
  }, 600_000);
});
