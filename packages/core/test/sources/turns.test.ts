import { describe, expect, it } from "vitest";
import { Turns } from "../../src/sources/turns.js";

/** Works without a pause, as a synchronous call does. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

describe("Turns", () => {
  it("lets other work run between long work", async () => {
    const turns = new Turns();
    let ran = false;
    setImmediate(() => {
      ran = true;
    });
    await turns.next();
    expect(ran).toBe(false);
    work(11);
    await turns.next();
    expect(ran).toBe(true);
  });

  it("stops where an abort came in between", async () => {
    const turns = new Turns();
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    work(11);
    await expect(turns.next(controller.signal)).rejects.toMatchObject({ name: "AbortError" });
    await expect(new Turns().next(controller.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});
