import { isMlforgeError } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Definitions, type EnvironmentOptions, feature, requireEnv, source, t } from "../../src/index.js";

const spend = feature({
  name: "spend",
  source: source({ path: "data/orders.csv", columns: { user: t.string(), amount: t.float64() } }),
  keys: ["user"],
  transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function definitionsOf(environment: EnvironmentOptions): Definitions {
  return new Definitions({ name: "shop", features: [spend], ...environment });
}

const local = memoryStore();
const prod = memoryStore();
const profiles = {
  local: () => ({ offlineStore: local }),
  prod: () => ({ offlineStore: prod, cache: { maxBytes: Number(requireEnv("SHOP_CACHE")) } }),
  broken: () => {
    throw new Error("the moon is full");
  },
};

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

describe("a profile", () => {
  it("is the first unless something else is said, and the others are not evaluated", () => {
    const defs = definitionsOf({ profiles });
    expect(defs.offlineStore).toBe(local);
    expect(defs.describeEnvironment()).toMatchObject({ profile: "local", profiles: ["local", "prod", "broken"] });
  });

  it("is the default where there is one, and what MLFORGE_PROFILE names before that", () => {
    vi.stubEnv("SHOP_CACHE", "1000");
    expect(definitionsOf({ profiles, defaultProfile: "prod" }).offlineStore).toBe(prod);
    vi.stubEnv("MLFORGE_PROFILE", "local");
    expect(definitionsOf({ profiles, defaultProfile: "prod" }).offlineStore).toBe(local);
    vi.stubEnv("MLFORGE_PROFILE", "");
    expect(definitionsOf({ profiles, defaultProfile: "prod" }).offlineStore).toBe(prod);
  });

  it("that lacks a variable says which, and breaks no other", () => {
    const error = failureOf(() => definitionsOf({ profiles, defaultProfile: "prod" }));
    expect(isMlforgeError(error, "PROFILE_FAILED") && error.details).toEqual({ profile: "prod" });
    expect(error).toHaveProperty("message", 'profile "prod" cannot be used: the environment variable SHOP_CACHE is not set; set it');
    vi.stubEnv("SHOP_CACHE", "");
    expect(
      isMlforgeError(
        failureOf(() => definitionsOf({ profiles, defaultProfile: "prod" })),
        "PROFILE_FAILED",
      ),
    ).toBe(true);
    expect(definitionsOf({ profiles }).offlineStore).toBe(local);
  });

  it("that throws is told with its words", () => {
    const error = failureOf(() => definitionsOf({ profiles, defaultProfile: "broken" }));
    expect(error).toHaveProperty("message", 'profile "broken" cannot be used: the moon is full');
  });

  it("that gives no store is refused", () => {
    // @ts-expect-error a profile needs an offline store
    const error = failureOf(() => definitionsOf({ profiles: { empty: () => ({}) } }));
    expect(isMlforgeError(error, "PROFILE_FAILED")).toBe(true);
  });

  it.each(["prd", "toString", "__proto__"])("named %s does not exist", (name) => {
    vi.stubEnv("MLFORGE_PROFILE", name);
    const error = failureOf(() => definitionsOf({ profiles }));
    if (!isMlforgeError(error, "NAME_UNKNOWN")) throw error;
    expect(error.details).toMatchObject({ what: "profile", name, available: ["local", "prod", "broken"] });
    if (name === "prd") expect(error.message).toContain('did you mean "prod"?');
  });

  it("is refused where the definitions have none, rather than ignored", () => {
    vi.stubEnv("MLFORGE_PROFILE", "prod");
    const error = failureOf(() => definitionsOf({ offlineStore: local }));
    expect(error).toHaveProperty("message", 'no profile is named "prod"; these definitions have no profiles');
  });

  it("takes what it does not give from beside it", async () => {
    const remote = { schemes: ["mem"], open: () => ({ store: local, key: "x" }), [Symbol.asyncDispose]: async () => {} };
    const other = { ...remote, schemes: ["other"] };
    const beside = { remotes: [remote] };
    expect(definitionsOf({ ...beside, profiles }).describeEnvironment().schemes).toEqual(["file", "mem"]);
    const own = { own: () => ({ offlineStore: local, remotes: [other] }) };
    expect(definitionsOf({ ...beside, profiles: own }).describeEnvironment().schemes).toEqual(["file", "other"]);
  });

  it("stands instead of a store, not beside one", () => {
    // @ts-expect-error one or the other
    const both: EnvironmentOptions = { offlineStore: local, profiles };
    // @ts-expect-error one of them is needed
    const none: EnvironmentOptions = {};
    expect([both, none]).toHaveLength(2);
  });
});
