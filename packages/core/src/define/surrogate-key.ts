import { createHash } from "node:crypto";
import type { ColumnKind } from "@mlforge/spec";
import { encodeConstant, kindOfConstant } from "./constant.js";
import { DefinitionIssues, definitionInvalid } from "./definition-issues.js";
import type { AnyEntity, Entity } from "./entity.js";
import { noIdentity } from "./no-identity.js";
import { unknownColumn } from "./unknown-column.js";

/** A value of a surrogate key. Decimals are strings, timestamps are Dates or bigint microseconds, and dates are Dates at midnight UTC or `YYYY-MM-DD`. */
export type SurrogateValue = string | number | bigint | boolean | Date | Uint8Array | null;

/**
 * Computes the derived join key of an entity: 64 hexadecimal digits, the same as every engine computes for the same values.
 *
 * See `docs/surrogate-keys.md` for the definition. If the entity declares no kinds, a string is a string and a number is an integer. A value that could
 * have several kinds, such as a Date, needs a declared kind.
 *
 * @throws DEFINITION_INVALID, which lists every missing column and every value of the wrong kind
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
  if (surrogate === undefined) throw definitionInvalid(name, `the entity "${name}" has no derived key`);
  const issues = new DefinitionIssues();
  const parts = surrogate.from.map(({ name: column, kind }) => {
    if (!Object.hasOwn(row, column) || row[column] === undefined) {
      issues.add(`${name}.${column}`, unknownColumn(column, Object.keys(row), "the row"));
      return "";
    }
    return issues.collect(`${name}.${column}`, () => partOf(row[column], kind)) ?? "";
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
  throw definitionInvalid("kind", "a Date can be a date or a timestamp; declare the kind in the entity, such as from: { dob: t.date() }");
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
      throw definitionInvalid(
        "kind",
        "a float cannot be part of a key: equal values may differ in their last bits; round or cast it first",
      );
    default:
      throw definitionInvalid("kind", `a ${kind} cannot be part of a key: ${noIdentity(kind)}`);
  }
}

function literalText(value: unknown, kind: ColumnKind): string {
  return encodeConstant(value, kind).value ?? "";
}

/** Removes leading and trailing zeros. */
function plainDecimal(text: string): string {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  const digits = fraction === "" ? whole : `${whole}.${fraction}`;
  return digits === "0" ? digits : `${sign}${digits}`;
}

function dateText(value: unknown): string {
  if (typeof value !== "string") return literalText(value, "date");
  const parsed = /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(`${value}T00:00:00Z`) : undefined;
  // Date would read February 30 as March 1.
  if (parsed !== undefined && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value)) return value;
  throw definitionInvalid("date", `${JSON.stringify(value)} is not a date; use a format such as "2020-02-29"`);
}
