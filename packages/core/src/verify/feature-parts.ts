import type { ObjectInfo } from "@mlforge/spec";
import { claimKey, featurePrefix, gitignoreKey, metadataKey, pointerKey } from "../log/keys.js";
import { compareVersions, isVersion } from "../log/version.js";

/** The objects of one version. */
export interface VersionParts {
  readonly version: string;
  claim?: ObjectInfo;
  metadata?: ObjectInfo;
  /** All other objects. */
  readonly others: ObjectInfo[];
}

/** The objects of a feature, sorted by what their keys say they are. */
export interface FeatureParts {
  pointer?: ObjectInfo;
  gitignore?: ObjectInfo;
  /** Lowest first. */
  readonly versions: readonly VersionParts[];
  /** Objects at keys where mlforge stores nothing. */
  readonly strays: readonly ObjectInfo[];
}

/** Sorts the objects of a feature by what their keys say they are. */
export function partsOf(feature: string, objects: readonly ObjectInfo[]): FeatureParts {
  const versions = new Map<string, VersionParts>();
  const strays: ObjectInfo[] = [];
  const own: Pick<FeatureParts, "pointer" | "gitignore"> = {};
  const prefix = featurePrefix(feature);
  for (const info of objects) {
    const slash = info.key.indexOf("/", prefix.length);
    const version = slash < 0 ? "" : info.key.slice(prefix.length, slash);
    if (info.key === pointerKey(feature)) own.pointer = info;
    else if (info.key === gitignoreKey(feature)) own.gitignore = info;
    else if (!isVersion(version)) strays.push(info);
    else {
      const parts = versions.get(version) ?? { version, others: [] };
      versions.set(version, parts);
      if (info.key === metadataKey(feature, version)) parts.metadata = info;
      else if (info.key === claimKey(feature, version)) parts.claim = info;
      else parts.others.push(info);
    }
  }
  return { ...own, versions: [...versions.values()].sort((a, b) => compareVersions(a.version, b.version)), strays };
}
