import type { ColumnKind } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";

/** Version 1 of the encoding that `docs/surrogate-keys.md` defines. */
export function duckdbSurrogateKey(values: readonly string[], types: readonly Kind[]): string {
  const parts = values.map((value, index) => {
    const { tag, written } = encode(value, types[index]?.kind ?? "string");
    // Unlike concat(), || returns null for a null.
    return `coalesce('${tag}' || strlen(${written}) || ':' || ${written} || ';', 'n;')`;
  });
  return `sha256(${["'mlforge:1:'", ...parts].join(" || ")})`;
}

function encode(value: string, kind: ColumnKind): { readonly tag: string; readonly written: string } {
  switch (kind) {
    case "string":
      return { tag: "s", written: value };
    case "boolean":
      return { tag: "b", written: `CAST(${value} AS VARCHAR)` };
    case "int32":
    case "int64":
      return { tag: "i", written: `CAST(${value} AS VARCHAR)` };
    case "decimal": {
      // DuckDB omits a zero before the point of a decimal.
      const digits = `regexp_replace(CAST(${value} AS VARCHAR), '^(-?)[.]', '\\10.')`;
      return { tag: "m", written: `CASE WHEN contains(${digits}, '.') THEN rtrim(rtrim(${digits}, '0'), '.') ELSE ${digits} END` };
    }
    case "date":
      return { tag: "d", written: `CAST(${value} - DATE '1970-01-01' AS VARCHAR)` };
    case "timestamp":
      return { tag: "t", written: `CAST(epoch_us(${value}) AS VARCHAR)` };
    case "bytes":
      return { tag: "x", written: `lower(hex(${value}))` };
    default:
      throw new TypeError(`a ${kind} cannot be an identity`);
  }
}
