import { describe, expect, it } from "vitest";
import { flightsProject, imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

/** Everything that a terminal obeys, or that turns the direction of text. Line ends are the program's own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const obeyed = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** A style that the program does not have, a C1 code, a bidi override, a title, and a line that looks like one of the program. */
const evil = "x\x1b[35m\x9b2J\u202e\x1b]0;t\x07\nerror: forged [FAKE]";
/** Lines of the messages of other programs are indented. */
const forged = /^(error: )?forged/m;
const secrets = ["p4ssw0rd", "s1gnature", "t0ken"];
const signed = `https://me:${secrets[0]}@example.com/data/x.parquet?X-Amz-Signature=${secrets[1]}&t=${secrets[2]}`;

/** A text without the styles that the program has. */
function unstyled(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with one.
  return text.replace(/\x1b\[(?:31|32|33|39|1|2|22)m/g, "");
}

/** Runs a command with and without `--json`, and returns what it printed, which has nothing that a terminal obeys and no secret. */
async function shown(project: Project, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  let all = "";
  for (const flags of [[], ["--json"]]) {
    const { stdout, stderr } = await project.run([...args, ...flags], { env: { FORCE_COLOR: "1", ...env } });
    const text = unstyled(`${stdout}${stderr}`);
    expect([args, text.length > 0, obeyed.exec(text), forged.exec(text)]).toEqual([args, true, null, null]);
    expect([args, secrets.filter((secret) => text.includes(secret))]).toEqual([args, []]);
    all += text;
  }
  return all;
}

describe("hostile arguments", () => {
  it("are escaped in every command that accepts them", { timeout: 240_000 }, async () => {
    await using project = await Project.create(flightsProject);
    const few: readonly (readonly string[])[] = [
      [evil],
      ["help", evil],
      [`--${evil}`],
      ["build", evil],
      ["build", `--${evil}`],
      ["build", signed],
      ["diff", evil],
      ["build", "--concurrency", evil],
      ["build", "--features", evil],
      ["build", "--version", evil],
      ["plan", "--tags", evil],
      ["plan", "--definitions", evil],
      ["plan", "--profile", evil],
      ["prune", "--older-than", evil],
      ["prune", "--pin", evil],
      ["rollback", "airport_total", evil],
      ["log", evil],
      ["init", evil],
      ["init", "shop", "--from", evil],
      ["types", "--out", `absent/${evil}`],
      ["explain", "--features", evil, "--key", evil],
      ["training-data", "--labels", evil, "--timestamp", "at", "--features", "airport_total", "--out", "out.csv"],
    ];
    for (const args of few) await shown(project, args);
  });
});

const good = `k,at,${JSON.stringify("v")},n\na,2024-01-01,1,1\n`;

/** Definitions whose features fail in as many ways as there are. */
const definitions = `${imports}import { greaterThan } from "@mlforge/core";
const evil = ${JSON.stringify(evil)};
const signed = ${JSON.stringify(signed)};
const rows = source({ name: "rows", path: "data/rows.csv", timestamp: "at", description: evil });
const wrong = source({ name: "wrong", path: "data/wrong.csv", columns: { k: t.string(), n: t.int64() } });
const keyed = source({ name: "keyed", path: "data/keyed.csv", columns: { k: t.string(), n: t.int64() } });
const remote = source({ name: "remote", path: signed, columns: { k: t.string() }, format: { kind: "parquet" } });
const absent = source({ name: "absent", path: "data/" + evil + ".csv", columns: { k: t.string() } });
const make = (name, source, options = {}) => feature({ name, source, keys: ["k"], static: true, timestamp: null, ...options });
export const defs = new Definitions({
  name: "hostile",
  features: [
    make("fine", rows, { description: evil, transform: (r) => r.select("k", "v") }),
    make("cast", wrong),
    make("keys", keyed),
    make("rules", keyed, { transform: (r) => r.filter(({ n }) => n.eq(1)), validators: [greaterThan("n", 5)] }),
    make("remote", remote),
    make("absent", absent),
    make("query", rows, { transform: sql({ query: "select '" + evil + "' from nowhere", columns: { k: t.string() } }) }),
    make("fails", rows, { transform: sql({ query: "select error('" + evil + "' || k) as k from source", columns: { k: t.string() } }) }),
    make("thrown", rows, { transform: () => { throw new Error(evil + " " + signed); } }),
  ],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;

describe("hostile names, values, and URLs", () => {
  it("are escaped and lose their credentials in every command", { timeout: 240_000 }, async () => {
    await using project = await Project.create({
      "definitions.ts": definitions,
      "data/rows.csv": good,
      "data/wrong.csv": `k,n\na,${JSON.stringify(evil)}\n`,
      "data/keyed.csv": `k,n\n${JSON.stringify(evil)},1\n${JSON.stringify(evil)},2\n`,
      "data/labels.csv": `k,at,l\n${JSON.stringify(evil)},2024-01-03,1\n`,
    });
    const all = (...args: readonly string[]): Promise<string> => shown(project, args);
    const plan = await all("plan");
    const built = await all("build");
    // The messages are about these.
    for (const name of ["cast", "keys", "absent", "fails", "query"]) expect(`${plan}${built}`).toContain(`error: ${name}`);
    expect(`${plan}${built}`).toContain("https://example.com/data/x.parquet");
    await all("validate");
    await all("types");
    await all("doctor");
    await all("verify");
    await all("manifest");
    for (const what of ["features", "entities", "sources"]) await all("list", what);
    expect(await all("list", "sources")).toContain("https://example.com/data/x.parquet");
    for (const name of ["rows", "wrong", "remote", "absent"]) await all("inspect", "source", name);
    for (const name of ["fine", "keys", "remote"]) await all("inspect", "feature", name);
    for (const name of ["fine", "cast", "remote", "fails"]) await all("preview", name);
    const { stdout } = await project.run(["plan", "--markdown"]);
    expect([obeyed.exec(stdout), forged.exec(stdout)]).toEqual([null, null]);
    const labels = ["--timestamp", "at", "--features", "fine"];
    await all("explain", "--features", "fine", "--key", `k=${evil}`, "--at", "2024-01-03T00:00:00Z");
    await all("explain", "--labels", "data/labels.csv", "--row", "0", ...labels);
    await all("training-data", "--labels", signed, ...labels, "--out", "out.csv");
    await all("training-data", "--labels", "data/labels.csv", ...labels, "--out", signed);
    await all("training-data", "--labels", "data/labels.csv", ...labels, "--out", "out.csv");
  });

  it.each([
    ["a name", `feature({ name: evil, source: rows, keys: ["k"] })`],
    ["an error", "(() => { throw new Error(evil + signed); })()"],
    ["a text", "(() => { throw evil + signed; })()"],
    ["a profile", `new Definitions({ name: "x", features: [], profiles: { [evil]: () => { throw new Error(signed); } }, profile: evil })`],
  ])("are escaped in definitions that fail with %s", { timeout: 60_000 }, async (_, code) => {
    const text = `${imports}const evil = ${JSON.stringify(evil)};\nconst signed = ${JSON.stringify(signed)};
const rows = source({ name: "rows", path: "data/rows.csv" });\nexport const defs = ${code};\n`;
    await using project = await Project.create({ "definitions.ts": text, "data/rows.csv": good });
    await shown(project, ["plan"]);
    await shown(project, ["plan"], { MLFORGE_DEBUG: "1" });
  });
});
