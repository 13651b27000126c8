import { describe, it } from "vitest";
import { type ServerName, whatIsMissing } from "./availability.js";

/**
 * Describes tests that talk to a server. If the server cannot be started, the tests say what to install: in continuous integration on
 * Linux they fail, elsewhere they are skipped.
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

/** `npm test` sets CI for everything that it runs, and MLFORGE_TEST_SERVERS to its own value of CI. */
function required(): boolean {
  const told = process.env.MLFORGE_TEST_SERVERS;
  return told === undefined ? process.platform === "linux" && Boolean(process.env.CI) : told === "required";
}
