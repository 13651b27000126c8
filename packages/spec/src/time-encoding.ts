import { MlforgeError } from "./errors.js";

/** How timestamps are written in files that have strings or integers instead. */
export type TimeEncoding =
  /** ISO 8601 strings: a date, or a date and a time after `T` or a space, with or without seconds, fractional seconds, and a time zone. */
  | { readonly kind: "iso" }
  /** Strings in one of these formats, made of the directives that `timePattern` knows. */
  | { readonly kind: "format"; readonly formats: readonly string[] }
  /** Integers since the Unix epoch. Nanoseconds are cut to microseconds. */
  | { readonly kind: "epoch"; readonly unit: TimeUnit };

/** Units of time since the Unix epoch. */
export const timeUnits = ["s", "ms", "us", "ns"] as const;

export type TimeUnit = (typeof timeUnits)[number];

/** The RE2 pattern of an ISO 8601 string. */
export const isoPattern = "\\d{4}-\\d\\d-\\d\\d(?:[ T]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?(?: UTC)?)?(?: ?(?:Z|[+-]\\d\\d(?::?\\d\\d)?))?)?";

/** The encodings tried, in order, if a column does not state one. */
export const knownTimeEncodings: readonly TimeEncoding[] = [
  { kind: "iso" },
  ...["%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"].map((day): TimeEncoding => {
    const formats = [day, `${day} %H:%M`, `${day} %H:%M:%S`, `${day} %H:%M:%S.%f`];
    return { kind: "format", formats };
  }),
  { kind: "format", formats: ["%Y%m%d"] },
  // RFC 2822.
  {
    kind: "format",
    formats: ["%a, %d %b %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M %z", "%d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M %z"],
  },
];

/** The RE2 pattern of a time zone in a format. No part of a format's pattern has capturing groups. */
export const zonePattern = "(?:Z|UTC?|GMT|[+-](?:[01]\\d|2[0-3])(?::?[0-5]\\d)?)";

/**
 * The strptime directives that a format can contain, each with the RE2 pattern of the strings it accepts. Numbers can omit leading zeros unless they touch
 * another number.
 */
const timeDirectives: Readonly<Record<string, string>> = {
  "%Y": "\\d{4}",
  "%y": "\\d\\d",
  "%m": "\\d{1,2}",
  "%b": "[A-Za-z]{3}",
  "%B": "[A-Za-z]+",
  "%d": "\\d{1,2}",
  "%a": "[A-Za-z]{3}",
  "%A": "[A-Za-z]+",
  "%H": "\\d{1,2}",
  "%I": "\\d{1,2}",
  "%p": "[AaPp][Mm]",
  "%M": "\\d{1,2}",
  "%S": "\\d{1,2}",
  "%f": "\\d{1,6}",
  "%z": zonePattern,
  "%%": "%",
};

/**
 * Returns the RE2 pattern of the strings that a format accepts, without the spaces around them.
 *
 * @throws DEFINITION_INVALID if the format has an unknown directive, or lacks the year, month, or day.
 */
export function timePattern(format: string): string {
  const parts = format.match(/%.?|[^%]+/gs) ?? [];
  const directives = parts.filter((part) => part.startsWith("%"));
  for (const directive of directives) {
    if (!Object.hasOwn(timeDirectives, directive))
      throw invalid(
        format,
        `has the unknown directive ${JSON.stringify(directive)}; known directives: ${Object.keys(timeDirectives).join(" ")}`,
      );
    if (directive !== "%%" && directives.indexOf(directive) !== directives.lastIndexOf(directive))
      throw invalid(format, `has ${directive} twice`);
  }
  for (const [what, alternatives] of needed) {
    if (!alternatives.some((directive) => directives.includes(directive)))
      throw invalid(format, `has no ${what}; it needs ${alternatives.join(" or ")}`);
  }
  if (directives.includes("%I") !== directives.includes("%p")) throw invalid(format, "has only one of %I and %p; it needs both, or %H");
  return parts
    .map((part, index) => {
      const pattern = timeDirectives[part];
      if (pattern === undefined) return part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
      return isNumber(parts[index - 1]) || isNumber(parts[index + 1]) ? pattern.replace("{1,2}", "{2}") : pattern;
    })
    .join("");
}

/** Returns true if the strings of a format contain a time zone. */
export function isZoned(format: string): boolean {
  return format.replaceAll("%%", "").includes("%z");
}

function isNumber(part: string | undefined): boolean {
  return part !== undefined && (timeDirectives[part]?.startsWith("\\d") ?? false);
}

const needed: readonly (readonly [what: string, alternatives: readonly string[]])[] = [
  ["year", ["%Y", "%y"]],
  ["month", ["%m", "%b", "%B"]],
  ["day", ["%d"]],
];

function invalid(format: string, reason: string): MlforgeError<"DEFINITION_INVALID"> {
  const message = `the time format ${JSON.stringify(format)} ${reason}`;
  return new MlforgeError("DEFINITION_INVALID", message, { issues: [{ path: "format", message }] });
}

/** Returns the encoding of a column, if stated. Column names may be those of object members, such as `constructor`. */
export function encodingOf(
  { encodings = {} }: { readonly encodings?: Readonly<Record<string, TimeEncoding>> | undefined },
  name: string,
): TimeEncoding | undefined {
  return Object.hasOwn(encodings, name) ? encodings[name] : undefined;
}
