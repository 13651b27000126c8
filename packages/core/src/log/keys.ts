/** Where the parts of a feature lie in a store. `docs/storage-layout.md` shows the whole. */

export const dataFile = "data.parquet";

export function featurePrefix(feature: string): string {
  return `${feature}/`;
}

/** The key of the folder of a version, without a slash at its end. */
export function versionFolder(feature: string, version: string): string {
  return `${feature}/${version}`;
}

export function dataKey(feature: string, version: string, file: string = dataFile): string {
  return `${versionFolder(feature, version)}/${file}`;
}

export function metadataKey(feature: string, version: string): string {
  return `${versionFolder(feature, version)}/.meta.json`;
}

export function claimKey(feature: string, version: string): string {
  return `${versionFolder(feature, version)}/.claim.json`;
}

export function pointerKey(feature: string): string {
  return `${feature}/_latest.json`;
}

export function gitignoreKey(feature: string): string {
  return `${feature}/.gitignore`;
}

/** The whole store in one document, where somebody wrote it. It is no name that a feature can have. */
export const manifestKey = "manifest.json";
