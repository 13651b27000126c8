import { expect, it } from "vitest";
import { causeOf } from "../src/index.js";

it("the cause of an error is what came before everything that disposing threw", async () => {
  const [cause, first, second] = [new Error("cause"), new Error("first"), new Error("second")];
  const disposing = (error: unknown): AsyncDisposable => ({
    [Symbol.asyncDispose]: async () => {
      throw error;
    },
  });
  const fail = async (): Promise<never> => {
    await using _one = disposing(second);
    await using _two = disposing(first);
    throw cause;
  };
  const thrown: unknown = await fail().catch((error: unknown) => error);
  expect(thrown).not.toBe(cause);
  expect(causeOf(thrown)).toBe(cause);
  for (const other of [cause, "text", undefined, { name: "SuppressedError", suppressed: cause }]) expect(causeOf(other)).toBe(other);
});
