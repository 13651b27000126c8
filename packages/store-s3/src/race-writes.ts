import { type Doing, s3Error } from "./s3-error.js";
import { faultOf } from "./s3-fault.js";
import { unavailable } from "./unknown-answer.js";
import { refused } from "./write-refused.js";

/** The etag of what was written, or why nothing was. */
export type Outcome = { readonly etag: string } | { readonly error: unknown };

/** The number of writes that race in each test. */
const racers = 8;

/** Tests that exactly one of several racing creations wins, and returns its etag. */
export async function raceCreations(doing: Doing, create: (body: string) => Promise<Outcome>): Promise<string> {
  const outcomes = await Promise.all(Array.from({ length: racers }, (_, racer) => create(`creation ${racer}`)));
  const won = winners(outcomes);
  if (won.length > 1) throw await refused(doing, `let ${won.length} of ${racers} racing creations of one object succeed`);
  for (const outcome of outcomes) {
    if ("etag" in outcome) continue;
    if (faultOf(outcome.error)?.status === 501) throw await refused(doing, "answers 501 to If-None-Match", outcome.error);
    if (!isLost(outcome)) throw await s3Error(outcome.error, doing);
  }
  const [etag] = won;
  if (etag === undefined) throw await unavailable(doing, "to test conditions had no winner");
  return etag;
}

/** The number of times that replacements race. A service that checks before it writes lets two of them win only if they meet. */
const rounds = 5;

/** Tests that exactly one of several racing replacements of one state of an object wins, again and again. `etag` is that of the object now. */
export async function raceReplacements(
  doing: Doing,
  etag: string,
  replace: (body: string, etag: string) => Promise<Outcome>,
): Promise<void> {
  let current = etag;
  for (let round = 1; round <= rounds; round++) {
    const outcomes = await Promise.all(
      Array.from({ length: racers }, (_, racer) => replace(`replacement ${racer} of round ${round}`, current)),
    );
    const won = winners(outcomes);
    if (won.length > 1)
      throw await refused(
        doing,
        `let ${won.length} of ${racers} racing replacements of one object succeed although each named the same etag in If-Match`,
      );
    const [next] = won;
    if (next === undefined) {
      // Ceph answers 500 to some that lose, which says something about the service only if nobody wins.
      const failed = outcomes.find((outcome) => "error" in outcome && !isLost(outcome));
      if (failed !== undefined && "error" in failed) throw await s3Error(failed.error, doing);
      throw await unavailable(doing, "to test conditions had no winner");
    }
    current = next;
  }
}

function winners(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => ("etag" in outcome ? [outcome.etag] : []));
}

function isLost(outcome: Outcome): boolean {
  const status = "error" in outcome ? faultOf(outcome.error)?.status : undefined;
  return status === 412 || status === 409 || status === 304;
}
