import { afterEach, describe, expect, it, vi } from "vitest";
import { parseTimestamp } from "../src/commands/explain/timestamp.js";

afterEach(() => vi.unstubAllEnvs());

describe("parseTimestamp", () => {
  it.each([
    ["2001-03-01", "2001-03-01T00:00:00.000Z"],
    ["2001-03-01T12:00", "2001-03-01T12:00:00.000Z"],
    ["2001-03-01 12:00:05", "2001-03-01T12:00:05.000Z"],
    ["2001-03-01T12:00:05Z", "2001-03-01T12:00:05.000Z"],
    ["2001-03-01T12:00:05.2500000Z", "2001-03-01T12:00:05.250Z"],
    ["2001-03-01T12:00:05.5+02:00", "2001-03-01T10:00:05.500Z"],
    ["2000-02-29", "2000-02-29T00:00:00.000Z"],
  ])("reads %s in every time zone of the process", (text, expected) => {
    for (const zone of ["UTC", "America/New_York", "Asia/Kolkata"]) {
      vi.stubEnv("TZ", zone);
      expect(parseTimestamp(text)?.toISOString()).toBe(expected);
    }
  });

  it.each([
    "yesterday",
    "",
    "1",
    "2001",
    "March 1, 2001",
    "2001-02-29",
    "2001-02-30T12:00:00Z",
    "2001-13-01",
    "2001-03-01T25:00:00Z",
    "2001-03-01T12:00:00.123456Z",
    "2001-03-01T12:00:00.0001Z",
    "2001-03-01T12",
    "2001-03-01T12:00:00 CET",
    "+010000-01-01",
  ])("does not read %j", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});
