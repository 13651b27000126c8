import { type Engine, type EngineCapabilities, type ScalarFunction, schemaOf, tiledFunctions } from "@mlforge/spec";
import { describeWith } from "@mlforge/test-servers";
import { it } from "vitest";
import { claimsOf } from "../../testkit/src/engine/claims.js";
import { aggregateLaws } from "../../testkit/src/engine/conformance/aggregates.js";
import { asOfLaws } from "../../testkit/src/engine/conformance/as-of.js";
import { asOfEdgeLaws } from "../../testkit/src/engine/conformance/as-of-edges.js";
import { functionLaws } from "../../testkit/src/engine/conformance/functions.js";
import { keyViolationLaws } from "../../testkit/src/engine/conformance/key-violations.js";
import { relationLaws } from "../../testkit/src/engine/conformance/relations.js";
import { rollingLaws } from "../../testkit/src/engine/conformance/rolling.js";
import { rollingEdgeLaws } from "../../testkit/src/engine/conformance/rolling-edges.js";
import { sequenceLaws } from "../../testkit/src/engine/conformance/sequence.js";
import { sessionLaws } from "../../testkit/src/engine/conformance/sessions.js";
import type { EngineLaw } from "../../testkit/src/engine/runner.js";
import { standardAggregates, standardFunctions } from "../src/index.js";
import { postgresClient } from "./postgres-client.js";
import { postgresRows } from "./postgres-rows.js";

type Names<T> = readonly (keyof T)[];
const namesOf = <T extends object>(record: T): Names<T> => Object.keys(record) as (keyof T)[];

/** PostgreSQL has no remainder of doubles, and fails instead of giving infinity or NaN. */
const different = new Set<ScalarFunction>(["modulo", "exponential", "power"]);

const capabilities: EngineCapabilities = {
  reads: [],
  writes: [],
  concurrency: 1,
  rolling: tiledFunctions,
  operations: [
    ...(["values", "filter", "project", "aggregate", "join", "union", "distinct", "sort", "limit"] as const),
    ...(["rollingAggregate", "sequence", "sessions", "asOfJoin", "numberRows", "keyViolations"] as const),
  ],
  functions: [...namesOf(standardFunctions).filter((name) => !different.has(name)), "isNaN", "contains", "microsecondsBetween", "case"],
  aggregates: [...namesOf(standardAggregates), "median"],
  kinds: ["string", "boolean", "int32", "int64", "float64", "decimal", "date", "timestamp"],
};

/** Describes plans, as far as laws about rows ask for it. */
function engineOf(refuse: () => never): Engine {
  return {
    specVersion: 1,
    name: "postgres",
    version: "15",
    capabilities,
    describe: async (plan) => ({ columns: schemaOf(plan), unsupported: [] }),
    run: refuse,
    write: refuse,
    [Symbol.asyncDispose]: async () => {},
  };
}

describeWith("postgres", "the SQL of a second dialect, on PostgreSQL, obeys the laws of engines:", () => {
  const client = postgresClient();
  const claims = claimsOf(capabilities, false);
  const refuse = (): never => {
    throw new TypeError("this law is not about rows");
  };
  const law: EngineLaw = (title, needs, body) => {
    // An escaped NUL is two code points.
    if (!claims(needs) || title.endsWith("code points")) return;
    it(title, () =>
      body({
        engine: engineOf(refuse),
        rows: (plan) => postgresRows(client(), plan),
        only: async (plan) => (await postgresRows(client(), plan))[0]?.[0],
        stored: async (plan) => plan,
        file: refuse,
        url: refuse,
        folder: "",
      }),
    );
  };
  functionLaws(law, claims);
  relationLaws(law);
  aggregateLaws(law, claims);
  keyViolationLaws(law);
  asOfLaws(law);
  asOfEdgeLaws(law);
  rollingLaws(law, claims);
  rollingEdgeLaws(law);
  sequenceLaws(law);
  sessionLaws(law);
});
