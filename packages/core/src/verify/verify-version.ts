import { claimKey, metadataKey } from "../log/keys.js";
import type { DataReader } from "./data-reader.js";
import type { VersionParts } from "./feature-parts.js";
import type { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";
import { isYoung, verifyClaim } from "./verify-claim.js";
import { strayObject, verifyData } from "./verify-data.js";
import { verifyMetadata } from "./verify-metadata.js";

/** The status of a version according to the pointer of the feature. */
export type Standing = "promised" | "pruned" | "unknown";

/** Verifies everything that belongs to one version number. `published` are all versions of the feature that have metadata. */
export async function verifyVersion(
  run: VerifyRun,
  feature: string,
  parts: VersionParts,
  standing: Standing,
  published: readonly string[],
  reader: DataReader,
  findings: Findings,
): Promise<void> {
  const { version, claim, others } = parts;
  const subject = { feature, version, key: metadataKey(feature, version) };
  const content = claim === undefined ? undefined : await verifyClaim(run, feature, version, claim, findings);
  if (standing === "pruned") {
    const remains = others.length + (parts.metadata === undefined ? 0 : 1);
    if (remains > 0)
      findings.note("pruned-remains", subject, `${remains} files of a pruned version remain; the next mlforge prune removes them`);
    return;
  }
  if (parts.metadata !== undefined) {
    if (claim === undefined && !run.store.capabilities.workingTree) {
      findings.note(
        "claim-missing",
        { ...subject, key: claimKey(feature, version) },
        "the claim of a published version is missing; its metadata prevents its number from being used again",
      );
    }
    const metadata = await verifyMetadata(
      run,
      feature,
      version,
      published.filter((other) => other !== version),
      findings,
    );
    if (metadata !== undefined) await verifyData(run, metadata, others, reader, findings);
    return;
  }
  if (standing === "promised") return lostMetadata(findings, feature, version);
  if (claim === undefined) {
    for (const info of others) strayObject(findings, feature, info, "it belongs to a version that was never published", version);
    return;
  }
  const claimed = { ...subject, key: claim.key };
  const left = others.length === 0 ? "" : `, and it has ${others.length} data files`;
  if (isYoung(content, claim, run.now())) {
    findings.note("build-running", claimed, `the number is claimed but not yet published${left}; a build may be running`);
  } else {
    const message = `the number was claimed more than a day ago and never published${left}`;
    findings.problem("claim-abandoned", claimed, message, "Remove the files of the abandoned build: mlforge prune");
  }
}

/** Reports a version that is or was latest but has no metadata. */
export function lostMetadata(findings: Findings, feature: string, version: string): void {
  const message = `version ${version} is or was latest, but its metadata is missing`;
  const fix = `Restore it from Git or a backup. If there is none, make another version latest: mlforge rollback ${feature} VERSION`;
  findings.problem("metadata-missing", { feature, version, key: metadataKey(feature, version) }, message, fix);
}
