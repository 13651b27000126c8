import { ok, rejects } from "node:assert/strict";
import { inspect } from "node:util";
import { isMlforgeError } from "@mlforge/spec";
import type { ConnectorLaw, TestDatabase } from "../runner.js";
import { testRows } from "../test-rows.js";
import { requestOf } from "./rows.js";

export function secretLaws(law: ConnectorLaw): void {
  law("a refused login rejects with SOURCE_ACCESS_DENIED", async ({ refused, write, all }, { file }) => {
    await write("kept", testRows);
    const isDenied = (error: unknown): boolean => isMlforgeError(error, "SOURCE_ACCESS_DENIED");
    await rejects(refused.describe({ source: "tests", query: all("kept") }), isDenied);
    await rejects(refused.fingerprint(requestOf(all("kept"))), isDenied);
    await rejects(refused.read(requestOf(all("kept")), file()), isDenied);
  });

  law("no secret is in the results, properties, errors or causes of errors of a connector", async (database, { file }) => {
    const { connector, refused, write, all } = database;
    await write("kept", testRows);
    const failures = [
      refused.describe({ source: "tests", query: all("kept") }),
      refused.read(requestOf(all("kept")), file()),
      connector.read(requestOf(all("absent_table")), file()),
      connector.read(requestOf(all("kept"), [{ name: "absent", kind: "string", nullable: true }]), file()),
    ].map((call) =>
      call.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    for (const thing of [connector, refused, connector.locate(), refused.locate(), ...(await Promise.all(failures))])
      expectNone(thing, database);
  });
}

function expectNone(thing: unknown, { secrets }: TestDatabase): void {
  const texts = [inspect(thing, { depth: 20, showHidden: true, maxStringLength: null }), JSON.stringify(thing) ?? "", String(thing)];
  for (const [index, secret] of secrets.entries()) {
    // The message of a failure must not repeat it either.
    ok(
      !texts.some((text) => text.includes(secret)),
      `secret ${index} of the test is in ${thing instanceof Error ? "an error" : "the connector"}`,
    );
  }
}
