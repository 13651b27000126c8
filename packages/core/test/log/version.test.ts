import { isMlforgeError } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { type Bump, candidateVersions, compareVersions, parseVersion } from "../../src/log/version.js";

function firstThree(bump: Bump, latest: string | undefined): string[] {
  const found: string[] = [];
  for (const version of candidateVersions(bump, latest)) {
    found.push(version);
    if (found.length === 3) break;
  }
  return found;
}

describe("version numbers", () => {
  it.each([
    ["initial", undefined, ["1.0.0", "1.0.1", "1.0.2"]],
    ["patch", "1.2.9", ["1.2.10", "1.2.11", "1.2.12"]],
    ["minor", "1.2.9", ["1.3.0", "1.4.0", "1.5.0"]],
    ["major", "1.2.9", ["2.0.0", "3.0.0", "4.0.0"]],
  ] as const)("after a %s change of %s come %j", (bump, latest, expected) => {
    expect(firstThree(bump, latest)).toEqual(expected);
  });

  it.each(["1.0", "v1.0.0", "1.0.0-rc.1", "1.0.0+build", "01.0.0", "1.0.-1", " 1.0.0", "", "1.0.0.0", "9999999999.0.0", "latest"])(
    "refuses %j",
    (text) => {
      expect(() => parseVersion(text)).toThrowError(expect.toSatisfy((error: unknown) => isMlforgeError(error, "VERSION_INVALID")));
    },
  );

  it("orders by number, not by text", () => {
    expect(["1.10.0", "1.9.0", "1.9.10", "0.0.1"].sort(compareVersions)).toEqual(["0.0.1", "1.9.0", "1.9.10", "1.10.0"]);
  });
});
