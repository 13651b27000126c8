import { describe, expect, it } from "vitest";
import { profileDocument } from "./documents/profile.js";
import { errorDocument, parseDocument } from "./documents.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

const definitions = `
import { Definitions, feature, requireEnv, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";

const orders = source({ path: "orders.csv", columns: { user: t.string(), amount: t.float64() } });
const spend = feature({
  name: "spend",
  source: orders,
  keys: ["user"],
  transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
});
export const defs = new Definitions({
  name: "shop",
  features: [spend],
  engine: new DuckDBEngine(),
  profiles: {
    dev: () => ({ offlineStore: new LocalStore("./dev_store") }),
    prod: () => ({ offlineStore: new LocalStore(requireEnv("PROD_STORE")) }),
  },
});
`;
const files = { "definitions.ts": definitions, "orders.csv": "user,amount\na,1.5\nb,2\n" };

describe("mlforge --profile", () => {
  it("builds into the store of the profile, and without one into that of the first", async () => {
    await using project = await Project.create(files);
    const env = { PROD_STORE: "./prod_store" };
    expect((await project.run(["build", "--profile", "prod"], { env })).stdout).toContain("prod_store/spend/1.0.0/data.parquet");
    expect((await project.run(["build"])).stdout).toContain("dev_store/spend/1.0.0/data.parquet");
    expect((await project.run(["--profile", "prod", "list", "versions", "spend"], { env })).stdout).toContain("1.0.0");
    const named = await project.run(["build"], { env: { ...env, MLFORGE_PROFILE: "prod" } });
    expect(named.stdout).toContain("nothing changed");
  });

  it("ends with 2 and says what is missing where the profile cannot be used", async () => {
    await using project = await Project.create(files);
    const { exitCode, stdout, stderr } = await project.run(["build", "--profile", "prod", "--json"]);
    expect(exitCode).toBe(2);
    expect(parseDocument(errorDocument, stdout).error.code).toBe("PROFILE_FAILED");
    expect(stderr).toContain('profile "prod" cannot be used: the environment variable PROD_STORE is not set; set it');
    const misspelt = await project.run(["build", "--profile", "prd"]);
    expect([misspelt.exitCode, misspelt.stderr]).toEqual([2, expect.stringContaining('no profile is named "prd"; did you mean "prod"?')]);
  });

  it("shows which one is used, without evaluating another", async () => {
    await using project = await Project.create(files);
    const { exitCode, stdout } = await project.run(["profile", "--json"]);
    expect(exitCode).toBe(0);
    expect(parseDocument(profileDocument, stdout)).toMatchObject({
      profile: "dev",
      profiles: ["dev", "prod"],
      offline_store: { name: "local", path: `${project.path}/dev_store/` },
      schemes: ["file"],
    });
    const text = (await project.run(["profile"])).stdout;
    expect(text).toMatch(/^profile +dev\nothers +prod\noffline store +local: dev_store\nengine +duckdb .+\nreads +file:\n$/);
  });
});
