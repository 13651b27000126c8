import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { abortLaws } from "./conformance/aborts.js";
import { fingerprintLaws } from "./conformance/fingerprints.js";
import { secretLaws } from "./conformance/secrets.js";
import { valueLaws } from "./conformance/values.js";
import type { ConnectorLaw, ConnectorTestContext, Runner } from "./runner.js";

/**
 * Runs the conformance suite for connectors: one test per law, each on a database from `context.open`. Tests cannot be turned off.
 *
 * @example
 * describeConnector({ describe, it }, "MyConnector", { engine: new DuckDBEngine(), open: () => openMyDatabase() });
 */
export function describeConnector(runner: Runner, name: string, { engine, open }: ConnectorTestContext): void {
  const law: ConnectorLaw = (title, body) => {
    runner.it(title, async () => {
      const folder = await mkdtemp(join(tmpdir(), "mlforge-connector-"));
      try {
        await using database = await open();
        let files = 0;
        await body(database, { engine, file: () => join(folder, `rows-${files++}`) });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  };
  runner.describe(`${name} obeys the laws of connectors`, () => {
    valueLaws(law);
    fingerprintLaws(law);
    abortLaws(law);
    secretLaws(law);
  });
}
