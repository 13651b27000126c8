/** The kinds of store that a project can be made for. */
export type StoreKind = "local" | "s3";

/** Where a project keeps its features. */
export interface StoreChoice {
  readonly kind: StoreKind;
  /** Of S3: the bucket; unless told, the environment says it. */
  readonly bucket?: string | undefined;
}

/** What is wrong with the name of a bucket; undefined where nothing is. */
export function bucketProblem(bucket: string): string | undefined {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)
    ? undefined
    : "a bucket has 3 to 63 lower-case letters, digits, dots and hyphens, and begins and ends with a letter or digit";
}
