import { pointerKey } from "../log/keys.js";
import { maxHistory, type Pointer, pointerSchema } from "../log/pointer.js";
import { examineDocument } from "./examine-document.js";
import type { FeatureParts } from "./feature-parts.js";
import type { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";

/** Looks at the pointer of a feature. Gives it if it can be believed. */
export async function verifyPointer(
  { store, signal }: VerifyRun,
  feature: string,
  parts: FeatureParts,
  findings: Findings,
): Promise<Pointer | undefined> {
  const subject = { feature, key: pointerKey(feature) };
  const highest = parts.versions.filter(({ metadata }) => metadata !== undefined).at(-1)?.version;
  const anew = `mlforge rollback ${feature} ${highest ?? "VERSION"}`;
  if (parts.pointer === undefined) {
    if (highest === undefined) return undefined;
    const message = "there are versions, and nothing says which one is latest";
    findings.problem("pointer-missing", subject, message, `Restore it from Git or a backup, or make a version latest: ${anew}`);
    return undefined;
  }
  const examined = await examineDocument(store, subject.key, { schema: pointerSchema, isForeign }, signal);
  const restore = `Restore it from Git or a backup; where there is none, delete it and make a version latest: ${anew}`;
  switch (examined.kind) {
    case "gone":
      findings.problem("pointer-missing", subject, "it went away while the store was verified", "Verify again: mlforge verify");
      return undefined;
    case "newer":
      findings.problem("layout-unsupported", subject, examined.reason, "Upgrade mlforge, and verify again: mlforge verify");
      return undefined;
    case "broken":
      findings.problem("pointer-invalid", subject, examined.reason, restore);
      return undefined;
    case "foreign":
      if (examined.value === undefined) findings.problem("pointer-invalid", subject, "it names no version", restore);
      return examined.value;
    case "sound":
      if ((examined.value.feature ?? feature) !== feature) {
        findings.problem("pointer-misplaced", subject, `it is the pointer of ${examined.value.feature}`, restore);
        return undefined;
      }
      for (const reason of contradictions(examined.value)) findings.problem("pointer-history", subject, reason, restore);
      if (examined.value.pruned?.includes(examined.value.version) === true) {
        const message = `it names ${examined.value.version}, which was removed by a prune`;
        findings.problem("pointer-pruned", subject, message, `Make another version latest: mlforge rollback ${feature} VERSION`);
      }
      return examined.value;
  }
}

/** mlforge for Python writes the version alone. */
function isForeign(members: ReadonlySet<string>): boolean {
  return members.size === 1 && members.has("version");
}

/** What the members of a pointer say against one another. */
function* contradictions({ version, seq, history }: Pointer): Generator<string> {
  const [newest] = history;
  if (newest !== undefined && newest.version !== version) yield `it names ${version}, and its last move was to ${newest.version}`;
  if (history.length !== Math.min(seq, maxHistory)) yield `it counts ${seq} moves, and its history has ${history.length}`;
  const gap = history.find((move, index) => move.seq !== seq - index);
  if (gap !== undefined) yield `its history has a gap at move ${gap.seq}`;
}

/** The versions that were latest once and were not removed since: each must be there. */
export function promisedVersions(pointer: Pointer | undefined): readonly string[] {
  if (pointer === undefined) return [];
  const named = new Set([pointer.version, ...pointer.history.map((move) => move.version)]);
  return [...named].filter((version) => pointer.pruned?.includes(version) !== true);
}
