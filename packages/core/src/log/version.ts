import { MlforgeError } from "@mlforge/spec";
import semverCompare from "semver/functions/compare.js";
import semverInc from "semver/functions/inc.js";

/** How much a version differs from the version before it. */
export type Bump = (typeof bumps)[number];

export const bumps = ["initial", "major", "minor", "patch"] as const;

const versionPattern = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

export function isVersion(text: string): boolean {
  return versionPattern.test(text);
}

/** Checks that `text` is a version `X.Y.Z`. @throws VERSION_INVALID */
export function parseVersion(text: string): string {
  if (isVersion(text)) return text;
  throw new MlforgeError("VERSION_INVALID", `"${text}" is not a version; write three numbers, for example 2.0.0`, { version: text });
}

/** Returns a negative number if `a` is lower than `b`, and a positive number if it is higher. */
export function compareVersions(a: string, b: string): number {
  return semverCompare(a, b);
}

/**
 * Yields the numbers that a build can use, in order of preference: the next number of its kind, then those after it.
 *
 * @throws VERSION_INVALID after the highest number of this kind, which no reader accepts a successor of
 */
export function* candidateVersions(bump: Bump, latest: string | undefined): Generator<string> {
  let version = latest === undefined ? "1.0.0" : next(latest, bump);
  for (;;) {
    yield version;
    version = next(version, bump);
  }
}

function next(version: string, bump: Bump): string {
  const part = bump === "initial" ? "patch" : bump;
  const result = semverInc(version, part);
  if (result !== null && isVersion(result)) return result;
  const message = `no ${part} version follows ${version}, because each of the three numbers has at most nine digits; choose a number with --version`;
  throw new MlforgeError("VERSION_INVALID", message, { version });
}
