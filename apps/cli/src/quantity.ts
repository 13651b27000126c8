const integer = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const units = ["B", "KB", "MB", "GB", "TB"];

/** Formats a count as `3,000,000`. */
export function formatCount(count: number): string {
  return integer.format(count);
}

/** Formats a count with its noun: `1 period`, `2 periods`. */
export function quantityOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Formats a size as `12.3 KB`, with three digits. A kilobyte is 1,000 bytes. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would round to 1,000.
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1_000, unit + 1];
  return `${decimal.format(value)} ${units[unit]}`;
}

/** Formats milliseconds as `2.3 s`. */
export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** Formats an ISO 8601 timestamp in UTC as `2001-03-01 12:00:00Z`. Drops fractions of a second. */
export function formatTimestamp(timestamp: string): string {
  return timestamp.replace(/^(.{10})T(.{8})(?:\.\d+)?Z$/, "$1 $2Z");
}

const rounded = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });

/** Formats a number with four digits, as `1,235` or `0.01235`. Very large and small ones get an exponent. Undefined becomes empty. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 1e9) ? value.toExponential(3) : rounded.format(value);
}

/** Formats a share between 0 and 1 as `13.3%`. Never rounds a share to 0% or 100% unless it is exactly that. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.0005) return "<0.1%";
  if (share < 1 && share > 0.9995) return ">99.9%";
  return `${Number((share * 100).toFixed(1))}%`;
}
