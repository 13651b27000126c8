import { attempt } from "../log/attempt.js";
import { isText, readBytes } from "../log/document.js";
import { earlierGitignore, gitignore } from "../log/gitignore.js";
import { gitignoreKey } from "../log/keys.js";
import type { FeatureParts } from "./feature-parts.js";
import type { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";

/** Looks whether Git would see data of this feature. */
export async function verifyGitignore(
  { store, signal }: VerifyRun,
  feature: string,
  parts: FeatureParts,
  findings: Findings,
): Promise<void> {
  const subject = { feature, key: gitignoreKey(feature) };
  const restore = "Restore it from Git, or copy that of another feature";
  if (parts.gitignore === undefined) {
    if (store.capabilities.workingTree && parts.versions.length > 0) {
      findings.problem("gitignore-missing", subject, "nothing keeps the data of this feature out of Git", restore);
    }
    return;
  }
  const texts = [gitignore, earlierGitignore].map((text) => new TextEncoder().encode(text));
  // A text twice as long is not ours, and need not be read.
  const bytes =
    parts.gitignore.size > 2 * gitignore.length ? undefined : (await attempt(() => readBytes(store, subject.key, signal), signal))?.value;
  if (bytes === undefined || !texts.some((text) => isText(bytes, text))) {
    findings.problem("gitignore-altered", subject, "it is not what mlforge writes, so that data may get into Git", restore);
  }
}
