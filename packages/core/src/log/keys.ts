/** The keys of the parts of a feature in a store. See `docs/storage-layout.md` for the complete layout. */

export const dataFile = "data.parquet";

/** Returns the name of the file with the rows of a period, such as `data-2024-02.parquet`. */
export function periodFile(period: string): string {
  return `data-${period}.parquet`;
}

export function featurePrefix(feature: string): string {
  return `${feature}/`;
}

/** The key of the folder of a version, without a trailing slash. */
export function versionFolder(feature: string, version: string): string {
  return `${feature}/${version}`;
}

export function dataKey(feature: string, version: string, file: string = dataFile): string {
  return `${versionFolder(feature, version)}/${file}`;
}

export function metadataKey(feature: string, version: string): string {
  return `${versionFolder(feature, version)}/.meta.json`;
}

/** Returns the key of the inputs of a version with periods. */
export function inputsKey(feature: string, version: string): string {
  return `${versionFolder(feature, version)}/.inputs.json`;
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

/** The optional document that describes the whole store. No feature can have this name. */
export const manifestKey = "manifest.json";
