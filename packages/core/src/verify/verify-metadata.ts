import { dataKey, metadataKey, versionFolder } from "../log/keys.js";
import { metadataSchema, type VersionMetadata } from "../log/metadata.js";
import { examineDocument } from "./examine-document.js";
import type { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";
import { usableDocument } from "./usable-document.js";

/** Examines the metadata of a version. Returns it if it is valid. `others` are the other versions of the feature that have metadata, lowest first. */
export async function verifyMetadata(
  { store, signal }: VerifyRun,
  feature: string,
  version: string,
  others: readonly string[],
  findings: Findings,
): Promise<VersionMetadata | undefined> {
  const subject = { feature, version, key: metadataKey(feature, version) };
  const read = await examineDocument(store, subject.key, { schema: metadataSchema, isForeign }, signal);
  const [highest] = others.slice(-1);
  // A build cannot compare with a latest version that cannot be read, however it is asked.
  const otherwise =
    highest === undefined
      ? `move the folder ${feature} out of the store, and build the feature again: mlforge build --features ${feature}`
      : `and its version is latest, make another version latest: mlforge rollback ${feature} ${highest}`;
  const restore = `Restore it from Git or a backup. If there is none, ${otherwise}`;
  const examined = usableDocument(read, subject, { kind: "metadata-invalid", fix: restore }, findings);
  switch (examined?.kind) {
    case undefined:
      return undefined;
    case "gone":
      findings.problem("metadata-missing", subject, "it was removed during the verification", "Verify again: mlforge verify");
      return undefined;
    case "foreign":
      findings.problem(
        "python-metadata",
        subject,
        "it was written by mlforge for Python, which has another layout",
        `Move the folder ${feature} out of the store. Then build the feature again: mlforge build --features ${feature}`,
      );
      return undefined;
    case "sound": {
      const { value } = examined;
      if (value.name === feature && value.version === version && isPathOf(value)) return value;
      findings.problem(
        "metadata-misplaced",
        subject,
        `it is the metadata of ${value.name} ${value.version}, whose data is ${value.path}`,
        restore,
      );
      return undefined;
    }
  }
}

/** Returns true if the path is that of the version's only file, or of its folder. */
function isPathOf({ name, version, path, files }: VersionMetadata): boolean {
  const [only, ...others] = files;
  return path === (only !== undefined && others.length === 0 ? dataKey(name, version, only.path) : versionFolder(name, version));
}

/** The members that mlforge for Python writes into all metadata, and its readers require. */
const pythonMembers = ["name", "version", "path", "entity", "keys", "source", "columns", "row_count", "created_at"];

/** Returns true if mlforge for Python wrote the metadata. */
function isForeign(members: ReadonlySet<string>): boolean {
  return !members.has("commit_id") && !members.has("layout_version") && pythonMembers.every((member) => members.has(member));
}
