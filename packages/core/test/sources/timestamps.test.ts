import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Columns } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyFeature, Definitions, feature, source, t } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-times-"));
  await writeFile(join(folder, "visits.csv"), "user,at,seconds\na,03/04/2020,1585872000\nb,04/04/2020 10:00,-1\n");
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const bothFormats = ["%d/%m/%Y", "%d/%m/%Y %H:%M"];

function visits(columns: Columns): AnyFeature {
  return feature({ name: "visits", source: source({ path: join(folder, "visits.csv"), columns, timestamp: "at" }), keys: ["user"] });
}

function project(made: AnyFeature): Definitions {
  return new Definitions({ name: "times", features: [made], offlineStore: new LocalStore(join(folder, "store")), engine });
}

describe("a build of a source whose timestamps are text", () => {
  const types = { user: t.string(), seconds: t.timestamp({ unit: "s" }) };

  it("fails while their format is ambiguous, and publishes nothing", async () => {
    const { failed, built } = await project(visits({ ...types, at: t.timestamp() })).build();
    expect(built).toEqual([]);
    expect(failed).toMatchObject([{ error: { code: "TIMESTAMP_AMBIGUOUS", details: { source: "visits", column: "at" } } }]);
  });

  it("reads them by the declared format, of which a change is a new minor version", async () => {
    const declared = project(visits({ ...types, at: t.timestamp({ format: bothFormats }) }));
    expect(await declared.build()).toMatchObject({ failed: [], built: [{ version: "1.0.0" }] });
    const rows = [];
    for await (const row of (await declared.readFeature("visits", { version: "latest" })).rows()) rows.push(row);
    expect(rows).toEqual([
      { user: "a", seconds: new Date("2020-04-03T00:00:00Z"), at: new Date("2020-04-03T00:00:00Z") },
      { user: "b", seconds: new Date(-1000), at: new Date("2020-04-04T10:00:00Z") },
    ]);
    expect(await declared.build()).toMatchObject({ built: [], skipped: [{ version: "1.0.0" }] });
    const other = project(visits({ ...types, at: t.timestamp({ format: ["%m/%d/%Y", "%m/%d/%Y %H:%M"] }) }));
    expect(await other.build()).toMatchObject({ failed: [], built: [{ version: "1.1.0" }] });
  });
});
