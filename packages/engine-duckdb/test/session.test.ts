import { tmpdir } from "node:os";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { ParsedQueries } from "../src/query/read-query.js";
import { Session } from "../src/session.js";
import { TextFiles } from "../src/text/text-files.js";

const endless = "SELECT count(*) FROM range(10000000) AS a(i), range(10000000) AS b(j) WHERE hash(i + j) = 0";

describe("a session", () => {
  it("interrupts a statement that has not begun, since all of Node's threads are taken", async () => {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const controllers = Array.from({ length: 12 }, () => new AbortController());
    const shared = { texts: new TextFiles(tmpdir()), queries: new ParsedQueries() };
    const sessions = await Promise.all(
      controllers.map(async ({ signal }) => new Session(await instance.connect(), shared, { signal }, () => undefined)),
    );
    const running = sessions.map((session) => session.run((connection) => connection.run(endless)));
    const settled = Promise.allSettled(running);
    for (const [index, controller] of [...controllers.entries()].reverse()) controller.abort(index);
    expect(await settled).toEqual(controllers.map((_, reason) => ({ status: "rejected", reason })));
    await Promise.all(sessions.map((session) => session.close()));
    instance.closeSync();
  });
});
