import { createHash } from "node:crypto";
import type { ColumnKind } from "@mlforge/spec";
import { encodeConstant, kindOfConstant } from "./constant.js";
import { DefinitionIssues, definitionInvalid } from "./definition-issues.js";
import type { AnyEntity, Entity } from "./entity.js";
import { noIdentity } from "./no-identity.js";
import { unknownColumn } from "./unknown-column.js";

/** A value a surrogate key can be made of. Decimals are text, timestamps Dates or a bigint of microseconds, dates midnight UTC or `YYYY-MM-DD`. */
export type SurrogateValue = string | number | bigint | boolean | Date | Uint8Array | null;

/**
 * The join key of an entity that is made of other columns: what every engine gives for the same values. 64 hexadecimal digits.
 *
 * `docs/surrogate-keys.md` defines it. Where the entity states no kinds, a string is text and a number an integer; what may be of several kinds, as a
 * Date is, needs a stated one.
 *
 * @throws DEFINITION_INVALID with every column of the entity that the row lacks and every value that is not of its kind.
 *
 * @example
 * const user = entity({ name: "user", joinKey: "user_id", from: ["first", "last"] });
 * const user_id = surrogateKey(user, { first: "Ada", last: "Lovelace" });
 */
export function surrogateKey<F extends string>(
  entity: Entity<string, string, F>,
  row: Readonly<Record<NoInfer<F>, SurrogateValue>>,
): string;
export function surrogateKey({ name, surrogate }: AnyEntity, row: Readonly<Record<string, unknown>>): string {
  if (surrogate === undefined) throw definitionInvalid(name, `the entity "${name}" has no key that is made of other columns`);
  const issues = new DefinitionIssues();
  const parts = surrogate.from.map(({ name: column, kind }) => {
    if (!Object.hasOwn(row, column) || row[column] === undefined) {
      issues.add(`${name}.${column}`, unknownColumn(column, Object.keys(row), "the row"));
      return "";
    }
    return issues.attempt(`${name}.${column}`, () => partOf(row[column], kind)) ?? "";
  });
  issues.check();
  return createHash("sha256")
    .update(`mlforge:1:${parts.join("")}`)
    .digest("hex");
}

function partOf(value: unknown, kind: ColumnKind | undefined): string {
  if (value === null) return "n;";
  const { tag, text } = encode(value, kind ?? kindOf(value));
  return `${tag}${Buffer.byteLength(text)}:${text};`;
}

function kindOf(value: unknown): ColumnKind {
  if (typeof value === "number") return "int64";
  if (!(value instanceof Date)) return kindOfConstant(value);
  throw definitionInvalid("kind", "a Date may be a date or a timestamp; give the entity its kinds, such as from: { dob: t.date() }");
}

function encode(value: unknown, kind: ColumnKind): { readonly tag: string; readonly text: string } {
  switch (kind) {
    case "string":
      return { tag: "s", text: literalText(value, kind) };
    case "boolean":
      return { tag: "b", text: literalText(value, kind) };
    case "int32":
    case "int64":
      return { tag: "i", text: literalText(value, kind) };
    case "decimal":
      return { tag: "m", text: plainDecimal(literalText(value, kind)) };
    case "date":
      return { tag: "d", text: String(Date.parse(dateText(value)) / 86_400_000) };
    case "timestamp":
      return { tag: "t", text: String(typeof value === "bigint" ? value : BigInt(Date.parse(literalText(value, kind))) * 1_000n) };
    case "bytes":
      return { tag: "x", text: Buffer.from(literalText(value, kind), "base64").toString("hex") };
    case "float32":
    case "float64":
      throw definitionInvalid("kind", "floats are no identities; round or cast them first");
    default:
      throw definitionInvalid("kind", `a ${kind} cannot be part of a key: ${noIdentity(kind)}`);
  }
}

function literalText(value: unknown, kind: ColumnKind): string {
  return encodeConstant(value, kind).value ?? "";
}

/** Without zeros that say nothing. */
function plainDecimal(text: string): string {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  const digits = fraction === "" ? whole : `${whole}.${fraction}`;
  return digits === "0" ? digits : `${sign}${digits}`;
}

function dateText(value: unknown): string {
  if (typeof value !== "string") return literalText(value, "date");
  const parsed = /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(`${value}T00:00:00Z`) : undefined;
  // Date would take the 30th of February for the 1st of March.
  if (parsed !== undefined && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value)) return value;
  throw definitionInvalid("date", `${JSON.stringify(value)} is no date such as "2020-02-29"`);
}
