import fs from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { expect, it, onTestFinished } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

it.each(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])(
  "a store that refuses hard links with %s is refused before anything is computed",
  async (code) => {
    const folder = await mkdtemp(join(tmpdir(), "mlforge-links-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    // As exFAT and many network shares do. No such file system can be mounted everywhere.
    const { link } = fs.promises;
    fs.promises.link = async () => {
      throw Object.assign(new Error(`${code}: operation not permitted, link`), { code, syscall: "link" });
    };
    syncBuiltinESMExports();
    onTestFinished(() => {
      fs.promises.link = link;
      syncBuiltinESMExports();
    });
    const path = join(folder, "orders.csv");
    await writeFile(path, "user,amount\na,1\n");
    const orders = source({ path, columns: { user: t.string(), amount: t.int64() } });
    const engine = new DuckDBEngine({ threads: 1 });
    const computed: string[] = [];
    for (const name of ["run", "write"] as const) {
      const original = engine[name].bind(engine);
      Object.assign(engine, {
        [name]: (...args: Parameters<typeof original>) => {
          computed.push(name);
          return Reflect.apply(original, engine, args);
        },
      });
    }
    await using defs = new Definitions({
      name: "shop",
      features: [feature({ name: "spent", source: orders, keys: ["user"] })],
      offlineStore: new LocalStore(join(folder, "store")),
      engine,
    });
    const { failed } = await defs.build();
    expect(failed).toMatchObject([
      {
        feature: "spent",
        error: {
          code: "CAPABILITY_MISSING",
          message: expect.stringMatching(/does not support hard links .*; use a folder on another one$/),
        },
      },
    ]);
    expect(computed).toEqual([]);
    expect(await readdir(join(folder, "store/.mlforge/tmp"))).toEqual([]);
  },
);
