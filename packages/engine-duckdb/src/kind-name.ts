import type { Kind } from "@mlforge/sql";

/** A kind as it is declared, for messages. */
export function kindName({ kind, precision, scale }: Kind): string {
  return kind === "decimal" ? `decimal(${precision ?? 38}, ${scale ?? 0})` : kind;
}
