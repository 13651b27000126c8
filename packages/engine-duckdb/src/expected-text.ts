import { type NamedColumn, type SourceFormat, type TimeEncoding, typeText } from "@mlforge/spec";

/** Describes how a value of a column must be written in its file, as a noun. */
export function expectedText({ name: _, ...type }: NamedColumn, encoding: TimeEncoding | undefined, format: SourceFormat): string {
  const { kind, precision = 38, scale = 0 } = type;
  const mark = format.kind === "csv" ? (format.decimal ?? ".") : ".";
  switch (kind) {
    case "int32":
      return "a whole number from -2147483648 to 2147483647";
    case "int64":
      return "a whole number from -9223372036854775808 to 9223372036854775807";
    case "float32":
    case "float64":
      return `a number that ${kind} holds, such as 0${mark}5 or 1e-3`;
    case "decimal":
      return `a number with at most ${precision - scale} digits before the "${mark}" and ${scale} after it`;
    case "boolean":
      return "true or false";
    case "date":
      return "a date such as 2024-12-31";
    case "timestamp":
      return expectedTime(encoding);
    case "bytes":
      return "bytes in base64";
    case "time":
      return "a time of day such as 23:59:59.999999";
    case "json":
      return "JSON";
    case "list":
    case "vector":
    case "struct":
      return `JSON of the type ${typeText(type)}`;
    default:
      return `a ${kind}`;
  }
}

function expectedTime(encoding: TimeEncoding | undefined): string {
  if (encoding?.kind === "format") return `a time of the form ${encoding.formats.map((format) => JSON.stringify(format)).join(" or ")}`;
  if (encoding?.kind === "epoch") return `a whole number of ${encoding.unit} since 1970, within the years 1 to 9999`;
  return "a time in ISO 8601, such as 2024-12-31T23:59:59Z; say t.timestamp({ format }) for others";
}
