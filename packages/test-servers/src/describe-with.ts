import { describe, it } from "vitest";
import { type ServerName, whatIsMissing } from "./availability.js";

/**
 * A `describe` of tests that talk to a server. Where the server cannot be started it says what to install: in continuous integration on
 * Linux by failing, elsewhere by being skipped.
 */
export function describeWith(server: ServerName, name: string, body: () => void): void {
  const missing = whatIsMissing(server);
  if (missing === undefined) describe(name, body);
  else if (required()) {
    describe(name, () => {
      it(`has ${server}`, () => {
        throw new Error(missing);
      });
    });
  } else describe.skipIf(true)(`${name} (${missing})`, body);
}

/** `npm test` sets CI for all that it runs and tells by MLFORGE_TEST_SERVERS what it was itself. */
function required(): boolean {
  const told = process.env.MLFORGE_TEST_SERVERS;
  return told === undefined ? process.platform === "linux" && Boolean(process.env.CI) : told === "required";
}
