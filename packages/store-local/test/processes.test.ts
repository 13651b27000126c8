import { expect, it } from "vitest";
import { LocalStore } from "../src/index.js";
import { decodeCount, encodeCount } from "./child/count.mjs";
import { endOf, kill, messageOf, startChild } from "./start-child.js";
import { bytesAt, keysOf, leftovers, temporaryRoot } from "./temporary-root.js";

it("20 processes that each increment a counter 5 times by compare-and-swap count to 100", async () => {
  const root = await temporaryRoot();
  const store = new LocalStore(root);
  await store.put("counter", encodeCount(0, 16));
  const children = Array.from({ length: 20 }, () => startChild("increment", root, ["counter", 5]));
  expect(await Promise.all(children.map(endOf))).toEqual(children.map(() => 0));
  expect(decodeCount(await bytesAt(store, "counter"))).toBe(100);
  expect(await leftovers(root)).toEqual([]);
});

it("of 8 processes racing with ifAbsent for 20 keys exactly one wins each, and its bytes stay", async () => {
  const root = await temporaryRoot();
  const children = Array.from({ length: 8 }, () => startChild("create", root, [20]));
  const messages = await Promise.all(children.map(messageOf));
  const store = new LocalStore(root);
  const winners: string[] = [];
  for (const { pid, won } of messages) {
    if (!Array.isArray(won)) throw new Error("no list of keys");
    for (const i of won) {
      winners.push(`race/${i}`);
      expect((await bytesAt(store, `race/${i}`)).toString()).toBe(`${pid}`);
    }
  }
  expect(winners.sort()).toEqual(await keysOf(store));
  expect(winners.length).toBe(20);
});

for (const size of [16, 1_048_576]) {
  it(`12 processes killed while they replace ${size} bytes lose no count, tear none and block nobody`, async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    await store.put("counter", encodeCount(0, size));
    const checker = startChild("check", root, ["counter"]);
    await messageOf(checker);
    let known = 0;
    for (let round = 0; round < 12; round++) {
      const child = startChild("count", root, ["counter", size]);
      // Listens from the start, because on a busy machine several messages arrive at once.
      child.on("message", (message: { stored: number }) => {
        known = message.stored;
      });
      for (let messages = 0; messages <= round % 4; messages++) await messageOf(child);
      await kill(child);
      const found = decodeCount(await bytesAt(store, "counter"));
      expect(found - known, "one more may be stored than was told").toBeOneOf([0, 1]);
      const { etag } = await store.head("counter");
      await new LocalStore(root).put("counter", encodeCount(found + 1, size), { condition: { kind: "ifMatch", etag } });
      known = found + 1;
    }
    const summary = messageOf(checker);
    checker.send("stop");
    expect(Number((await summary).reads)).toBeGreaterThan(12);
    expect(await endOf(checker)).toBe(0);
    expect(await leftovers(root)).toEqual([]);
  });
}
