import type { TimeEncoding } from "@mlforge/spec";

/** How an encoding says that timestamps are written, for messages. */
export function writtenAs(encoding: TimeEncoding | undefined): string {
  if (encoding?.kind === "format") return ` of the form ${encoding.formats.map((format) => JSON.stringify(format)).join(" or ")}`;
  return encoding?.kind === "epoch" ? ` in ${encoding.unit} since 1970 within the years 1 to 9999` : "";
}
