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
