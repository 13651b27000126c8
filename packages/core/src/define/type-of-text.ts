import { type Column, suggest } from "@mlforge/spec";
import { t } from "./column-types.js";
import { definitionInvalid } from "./definition-issues.js";

const plain = {
  string: () => t.string(),
  boolean: () => t.boolean(),
  int32: () => t.int32(),
  int64: () => t.int64(),
  float32: () => t.float32(),
  float64: () => t.float64(),
  timestamp: () => t.timestamp(),
  date: () => t.date(),
  time: () => t.time(),
  bytes: () => t.bytes(),
  json: () => t.json(),
} as const;

/** Parses a column type: `string`, `timestamp`, `decimal(18, 4)`. @throws DEFINITION_INVALID */
export function typeOfText(text: string): Column {
  const digits = /^decimal\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/.exec(text.trim());
  if (digits !== null) return t.decimal(Number(digits[1]), Number(digits[2]));
  for (const [kind, make] of Object.entries(plain)) if (kind === text.trim()) return make();
  const known = [...Object.keys(plain), "decimal(18, 4)"];
  throw definitionInvalid(
    "type",
    `${JSON.stringify(text)} is not a column type; ${suggest(text.trim(), known, `use ${known.join(", ")}`)}`,
  );
}
