import { attempt } from "../log/attempt.js";
import { isText, readBytes } from "../log/document.js";
import { earlierGitignores, gitignore } from "../log/gitignore.js";
import { gitignoreKey } from "../log/keys.js";
import type { FeatureParts } from "./feature-parts.js";
import type { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";
import { unreadableFix, whyUnreadable } from "./unreadable.js";

/** Checks that Git does not see the data of this feature. */
export async function verifyGitignore(
  { store, signal }: VerifyRun,
  feature: string,
  parts: FeatureParts,
  findings: Findings,
): Promise<void> {
  const subject = { feature, key: gitignoreKey(feature) };
  const restore = "Restore it from Git, or copy the file of another feature";
  if (parts.gitignore === undefined) {
    if (store.capabilities.workingTree && parts.versions.length > 0) {
      findings.problem("gitignore-missing", subject, "nothing excludes the data of this feature from Git", restore);
    }
    return;
  }
  const texts = [gitignore, ...earlierGitignores].map((text) => new TextEncoder().encode(text));
  // A file twice as long was not written by mlforge, and does not need to be read completely.
  const isLonger = parts.gitignore.size > 2 * gitignore.length;
  let bytes: Uint8Array | undefined;
  try {
    bytes = isLonger ? undefined : (await attempt(() => readBytes(store, subject.key, signal), signal))?.value;
  } catch (error) {
    return findings.problem("unreadable", subject, await whyUnreadable(error, store, signal), unreadableFix);
  }
  if (bytes === undefined || !texts.some((text) => isText(bytes, text))) {
    findings.problem("gitignore-altered", subject, "it differs from what mlforge writes, so data can get into Git", restore);
  }
}
