import { memoryStore } from "@mlforge/testkit/store";
import { expect, expectTypeOf, it } from "vitest";
import { Definitions, type ErrorCode, type ErrorDetails, isMlforgeError, type MlforgeError } from "../src/index.js";

it("errors are recognised with what core exports", () => {
  const defs = new Definitions({ name: "none", features: [], offlineStore: memoryStore() });
  const thrown = (): unknown => {
    try {
      return defs.feature("absent");
    } catch (error) {
      return error;
    }
  };
  const error = thrown();
  if (!isMlforgeError(error, "NAME_UNKNOWN")) throw error;
  expectTypeOf(error).toEqualTypeOf<MlforgeError<"NAME_UNKNOWN">>();
  expectTypeOf(error.details).toEqualTypeOf<ErrorDetails["NAME_UNKNOWN"]>();
  expectTypeOf(error.code).toExtend<ErrorCode>();
  expect(error.details).toMatchObject({ what: "feature", name: "absent", available: [] });
});
