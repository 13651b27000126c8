import { pointerKey } from "../log/keys.js";
import { maxHistory, type Pointer, pointerSchema } from "../log/pointer.js";
import { examineDocument } from "./examine-document.js";
import type { FeatureParts } from "./feature-parts.js";
import type { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";
import { usableDocument } from "./usable-document.js";

/** Examines the pointer of a feature. Returns it if it is valid. */
export async function verifyPointer(
  { store, signal }: VerifyRun,
  feature: string,
  parts: FeatureParts,
  findings: Findings,
): Promise<Pointer | undefined> {
  const subject = { feature, key: pointerKey(feature) };
  const highest = parts.versions.filter(({ metadata }) => metadata !== undefined).at(-1)?.version;
  const rollback = `mlforge rollback ${feature} ${highest ?? "VERSION"}`;
  if (parts.pointer === undefined) {
    if (highest === undefined) return undefined;
    const message = "versions exist, but nothing says which one is latest";
    findings.problem("pointer-missing", subject, message, `Restore it from Git or a backup, or make a version latest: ${rollback}`);
    return undefined;
  }
  const read = await examineDocument(store, subject.key, { schema: pointerSchema, isForeign }, signal);
  const restore = `Restore it from Git or a backup. If there is none, delete it and make a version latest: ${rollback}`;
  const examined = usableDocument(read, subject, { kind: "pointer-invalid", fix: restore }, findings);
  switch (examined?.kind) {
    case undefined:
      return undefined;
    case "gone":
      findings.problem("pointer-missing", subject, "it was removed during the verification", "Verify again: mlforge verify");
      return undefined;
    case "foreign":
      if (examined.value === undefined) findings.problem("pointer-invalid", subject, "it does not name a version", restore);
      return examined.value;
    case "sound":
      if ((examined.value.feature ?? feature) !== feature) {
        findings.problem("pointer-misplaced", subject, `it is the pointer of ${examined.value.feature}`, restore);
        return undefined;
      }
      for (const reason of contradictions(examined.value)) findings.problem("pointer-history", subject, reason, restore);
      if (examined.value.pruned?.includes(examined.value.version) === true) {
        const message = `it names ${examined.value.version}, which was pruned`;
        findings.problem("pointer-pruned", subject, message, `Make another version latest: mlforge rollback ${feature} VERSION`);
      }
      return examined.value;
  }
}

/** Returns true if mlforge for Python wrote the pointer, which then has only the version. */
function isForeign(members: ReadonlySet<string>): boolean {
  return members.size === 1 && members.has("version");
}

/** Yields the contradictions between the members of a pointer. */
function* contradictions({ version, seq, history }: Pointer): Generator<string> {
  const [newest] = history;
  if (newest !== undefined && newest.version !== version) yield `it names ${version}, but its last move was to ${newest.version}`;
  if (history.length !== Math.min(seq, maxHistory)) yield `it counts ${seq} moves, but its history has ${history.length}`;
  const gap = history.find((move, index) => move.seq !== seq - index);
  if (gap !== undefined) yield `its history has a gap at move ${gap.seq}`;
}

/** Returns the versions that are or were latest and were not pruned. Each of them must exist. */
export function promisedVersions(pointer: Pointer | undefined): readonly string[] {
  if (pointer === undefined) return [];
  const named = new Set([pointer.version, ...pointer.history.map((move) => move.version)]);
  return [...named].filter((version) => pointer.pruned?.includes(version) !== true);
}
