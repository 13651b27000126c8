const integer = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const units = ["B", "KB", "MB", "GB", "TB"];

/** `3,000,000`. */
export function formatCount(count: number): string {
  return integer.format(count);
}

/** `12.3 KB`: three digits, a kilobyte is 1,000 bytes. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be written as 1,000.
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1_000, unit + 1];
  return `${decimal.format(value)} ${units[unit]}`;
}

/** `2.3 s`. */
export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** `2001-03-01 12:00:00Z` of a moment in ISO 8601 and UTC: to the second. */
export function formatMoment(moment: string): string {
  return moment.replace(/^(.{10})T(.{8})(?:\.\d+)?Z$/, "$1 $2Z");
}

const rounded = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });

/** `1,235` or `0.01235`: four digits; large and small ones with an exponent. A number that is not there is empty. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 1e9) ? value.toExponential(3) : rounded.format(value);
}

/** `13.3 %`, from 0 to 1. What is nearly nothing or nearly all does not look like it. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.0005) return "<0.1 %";
  if (share < 1 && share > 0.9995) return ">99.9 %";
  return `${Number((share * 100).toFixed(1))} %`;
}
