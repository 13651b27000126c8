import { expect, it } from "vitest";
import { formatBytes, formatCount, formatSeconds, formatTimestamp } from "../src/quantity.js";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1 KB"],
  [12_345, "12.3 KB"],
  [999_499, "999 KB"],
  [999_500, "1 MB"],
  [1_234_567_890, "1.23 GB"],
  [5e15, "5,000 TB"],
])("writes %i bytes as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it("writes counts with separators and times in seconds", () => {
  expect(formatCount(3_000_000)).toBe("3,000,000");
  expect(formatSeconds(2_345)).toBe("2.3 s");
});

it.each([
  ["2026-11-25T15:46:58.988Z", "2026-11-25 15:46:58Z"],
  ["2026-11-25T15:46:58Z", "2026-11-25 15:46:58Z"],
  ["yesterday", "yesterday"],
  ["", ""],
])("writes the timestamp %j as %j", (timestamp, text) => {
  expect(formatTimestamp(timestamp)).toBe(text);
});
