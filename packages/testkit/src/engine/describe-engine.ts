import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Engine, type Plan, type Scan, schemaOf } from "@mlforge/spec";
import { onlyValue, rowsOf } from "./arrow-rows.js";
import { claimsOf } from "./claims.js";
import { abortLaws } from "./conformance/aborts.js";
import { aggregateLaws } from "./conformance/aggregates.js";
import { asOfLaws } from "./conformance/as-of.js";
import { asOfEdgeLaws } from "./conformance/as-of-edges.js";
import { callLaws } from "./conformance/calls.js";
import { castLaws } from "./conformance/casts.js";
import { checksumLaws } from "./conformance/checksums.js";
import { functionLaws } from "./conformance/functions.js";
import { keyViolationLaws } from "./conformance/key-violations.js";
import { nestedLaws } from "./conformance/nested.js";
import { numberLaws } from "./conformance/number.js";
import { refusalLaws } from "./conformance/refusals.js";
import { relationLaws } from "./conformance/relations.js";
import { rollingLaws } from "./conformance/rolling.js";
import { rollingEdgeLaws } from "./conformance/rolling-edges.js";
import { sequenceLaws } from "./conformance/sequence.js";
import { sessionLaws } from "./conformance/sessions.js";
import { surrogateKeyLaws } from "./conformance/surrogate-keys.js";
import { valueLaws } from "./conformance/values.js";
import { writeLaws } from "./conformance/write.js";
import { zipLaws } from "./conformance/zip.js";
import type { EngineLaw, EngineTestContext, Runner } from "./runner.js";

/**
 * Runs the conformance suite for engines: one test per law, each on an engine from `context.open`.
 *
 * Tests cannot be turned off. The declared capabilities decide which laws apply, and the suite checks that the engine refuses the rest.
 *
 * @example
 * describeEngine({ describe, it }, "MyEngine", { capabilities: new MyEngine().capabilities, open: async () => new MyEngine() });
 */
export function describeEngine(runner: Runner, name: string, { capabilities, open, file = writtenFile }: EngineTestContext): void {
  const writesParquet = capabilities.writes.includes("file") && (capabilities.formats?.includes("parquet") ?? true);
  const hasFiles = (file !== writtenFile || writesParquet) && (capabilities.operations?.includes("scan") ?? true);
  const claims = claimsOf(capabilities, hasFiles);
  const law: EngineLaw = (title, needs, body) => {
    if (!claims(needs)) return;
    runner.it(title, async () => {
      const folder = await mkdtemp(join(tmpdir(), "mlforge-engine-"));
      const url = (name: string): string => pathToFileURL(join(folder, name)).href;
      let files = 0;
      try {
        await using engine: Engine = await open();
        const newFile = (plan: Plan): Promise<Scan> => file(engine, plan, url(`rows-${files++}.parquet`));
        await body({
          engine,
          rows: (plan, options) => rowsOf(engine, plan, options),
          only: (plan) => onlyValue(engine, plan),
          file: newFile,
          stored: async (plan) => (hasFiles ? newFile(plan) : plan),
          folder,
          url,
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  };
  runner.describe(`${name} obeys the laws of engines`, () => {
    callLaws(law, capabilities);
    valueLaws(law);
    functionLaws(law, claims);
    castLaws(law, claims);
    nestedLaws(law);
    relationLaws(law);
    aggregateLaws(law, claims);
    numberLaws(law);
    zipLaws(law);
    keyViolationLaws(law);
    checksumLaws(law);
    surrogateKeyLaws(law, claims);
    asOfLaws(law);
    asOfEdgeLaws(law);
    rollingLaws(law, claims);
    rollingEdgeLaws(law);
    sequenceLaws(law);
    sessionLaws(law);
    writeLaws(law);
    abortLaws(law);
    refusalLaws(law, capabilities);
  });
}

async function writtenFile(engine: Engine, plan: Plan, url: string): Promise<Scan> {
  const { files } = await engine.write(plan, { url, format: "parquet" });
  return { op: "scan", source: "rows", format: { kind: "parquet" }, paths: files.map((file) => file.url), columns: schemaOf(plan) };
}
