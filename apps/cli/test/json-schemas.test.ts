import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { toJsonSchema } from "@valibot/to-json-schema";
import { describe, expect, it } from "vitest";
import { allDocuments } from "./documents/all.js";
import { recursive } from "./documents/parts.js";

const folder = new URL("../schemas/", import.meta.url);
/** `UPDATE_SCHEMAS=1 npx vitest run apps/cli/test/json-schemas.test.ts` writes them. */
const update = process.env.UPDATE_SCHEMAS === "1";

describe("the published JSON Schemas of what --json prints", () => {
  it.each(Object.keys(allDocuments))("%s is what the tests hold the command against", (name) => {
    const schema = allDocuments[name];
    if (schema === undefined) throw new TypeError(`no document ${name}`);
    const { $defs, ...document } = toJsonSchema(schema, { target: "draft-2020-12", definitions: recursive });
    const isRecursive = JSON.stringify(document).includes("#/$defs/");
    const generated = { ...document, ...(isRecursive ? { $defs } : {}), title: `mlforge ${name.replaceAll("-", " ")} --json` };
    const path = new URL(`${name}.json`, folder);
    if (update) writeFileSync(path, `${JSON.stringify(generated, undefined, 2)}\n`);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(JSON.stringify(generated)));
  });

  it("are no others", () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(allDocuments)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });
});
