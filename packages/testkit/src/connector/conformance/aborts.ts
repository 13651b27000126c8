import { equal, rejects } from "node:assert/strict";
import { endsWithin } from "../../ends-within.js";
import type { ConnectorLaw } from "../runner.js";
import { testColumns, testRows } from "../test-rows.js";
import { requestOf } from "./rows.js";

/** The maximum duration of an abort, in milliseconds. */
const patience = 20_000;

export function abortLaws(law: ConnectorLaw): void {
  law("every call with an aborted signal rejects with the signal's reason", async ({ connector, write, all }, { file }) => {
    await write("aborted", testRows);
    const reason = { why: "any value is a reason" };
    const signal = AbortSignal.abort(reason);
    const query = all("aborted");
    const isReason = (error: unknown): boolean => error === reason;
    await rejects(connector.describe({ source: "tests", query }, { signal }), isReason);
    await rejects(connector.fingerprint(requestOf(query), { signal }), isReason);
    await rejects(connector.read(requestOf(query), file(), { signal }), isReason);
  });

  law("an aborted read rejects with the reason, after the database has stopped working on it", async (database, { file }) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const columns = testColumns.filter(({ name }) => name === "text");
    const request = { ...requestOf(database.endless, columns), fingerprint: { kind: "query", text: await counted(database) } } as const;
    const reading = database.connector.read(request, file(), {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await rejects(endsWithin(patience, reading), (error) => error === reason);
    equal(await database.working(), 0);
  });
}

async function counted({ write, count }: Parameters<Parameters<ConnectorLaw>[1]>[0]): Promise<string> {
  await write("few", testRows.slice(0, 1));
  return count("few");
}
