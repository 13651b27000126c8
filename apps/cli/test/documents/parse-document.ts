import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import * as v from "valibot";
import { allDocuments } from "./all.js";

const ajv = formats.default(new Ajv2020({ allErrors: true, strict: true }));

/** The one document on stdout, held against the JSON Schema that is published for it. */
export function parseDocument<S extends v.GenericSchema>(schema: S, stdout: string): v.InferOutput<S> {
  const document: unknown = JSON.parse(stdout);
  const name = Object.keys(allDocuments).find((each) => allDocuments[each] === schema);
  if (name === undefined) throw new TypeError("this document has no published schema; add it to documents/all.ts");
  const published: unknown = JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), "utf8"));
  const validate = ajv.getSchema(name) ?? ajv.addSchema(v.parse(v.record(v.string(), v.unknown()), published), name).getSchema(name);
  if (validate === undefined) throw new TypeError(`there is no schema ${name}`);
  if (!validate(document)) throw new Error(`the document is not as schemas/${name}.json says: ${ajv.errorsText(validate.errors)}`);
  return v.parse(schema, document);
}
