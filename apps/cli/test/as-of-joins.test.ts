import { describe, expect, it } from "vitest";
import { planDocument } from "./documents/plan.js";
import { buildDocument, errorDocument, featureDocument, parseDocument } from "./documents.js";
import { imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

const files = {
  "orders.ndjson": '{"user":"u","at":"2024-01-15T00:00:00Z"}\n',
  "plans.ndjson": '{"user":"u","since":"2024-01-01T00:00:00Z","plan":"free"}\n',
  "users.ndjson": '{"user":"u","country":"se"}\n',
};

/** A project whose feature joins orders with something. */
const joining = (transform: string) => ({
  ...files,
  "definitions.ts": `${imports}
const orders = source({ path: "orders.ndjson", columns: { user: t.string(), at: t.timestamp() }, timestamp: "at" });
const plans = source({ path: "plans.ndjson", columns: { user: t.string(), since: t.timestamp(), plan: t.string() }, timestamp: "since" });
const users = source({ path: "users.ndjson", columns: { user: t.string(), country: t.string() } });
const joined = feature({ name: "joined", source: orders, keys: ["user"], transform: (rows, from) => ${transform} });
export const defs = new Definitions({
  name: "shop",
  features: [joined],
  offlineStore: new LocalStore("./store"),
  engine: new DuckDBEngine(),
});
`,
});

describe("a join of sources with timestamps", () => {
  it("is refused with the advice to join as of the row's own time", async () => {
    await using project = await Project.create(joining('rows.join(from(plans), { on: "user" })'));
    const { exitCode, stdout } = await project.run(["build", "--json"]);
    expect(exitCode).toBe(2);
    const { error } = parseDocument(errorDocument, stdout);
    expect(error).toMatchObject({ code: "DEFINITION_INVALID", message: expect.stringContaining("use asOfJoin instead of join") });
  });

  it("that says why is shown with its reason, in which nothing moves the cursor", async () => {
    await using project = await Project.create(
      joining('rows.join(from(plans), { on: "user", timeless: "plans never \\u001b[31mchange" })'),
    );
    const timeless = [{ step: 'join with "plans" on user', reason: "plans never \u001b[31mchange" }];
    const planned = parseDocument(planDocument, (await project.run(["plan", "--json"])).stdout);
    expect(planned.features).toMatchObject([{ timeless, notices: [] }]);
    const shown = 'join with "plans" on user, because plans never \\u001b[31mchange';
    expect((await project.run(["plan"])).stdout).toContain(`  timeless: ${shown}\n`);
    expect((await project.run(["plan", "--markdown"])).stdout).toContain(`\`\`\`\ntimeless: ${shown}\n\`\`\``);
    expect((await project.run(["build"])).exitCode).toBe(0);
    expect((await project.run(["inspect", "feature", "joined"])).stdout).toContain(`timeless     ${shown}`);
    const { metadata } = parseDocument(featureDocument, (await project.run(["inspect", "feature", "joined", "--json"])).stdout);
    expect(metadata?.timeless).toEqual(timeless);
  });

  it("is a warning if one of them has no timestamp", async () => {
    await using project = await Project.create(joining('rows.join(from(users), { on: "user" })'));
    const warning = 'source "users" has no timestamp, so its current rows are joined to rows of every time';
    expect((await project.run(["plan"])).stdout).toContain(`  warning: ${warning}`);
    const { stdout, stderr } = await project.run(["build", "--json"]);
    expect(stderr).toContain(`warning: joined: ${warning}`);
    expect(parseDocument(buildDocument, stdout).built).toMatchObject([{ notices: [expect.stringContaining(warning)] }]);
  });
});
