/** The kinds of store that a new project can use. */
export type StoreKind = "local" | "s3";

/** The store where a project keeps its features. */
export interface StoreChoice {
  readonly kind: StoreKind;
  /** S3 bucket. Defaults to the environment variable FEATURES_BUCKET. */
  readonly bucket?: string | undefined;
}

/** Explains why a bucket name is invalid. Returns undefined if it is valid. */
export function bucketProblem(bucket: string): string | undefined {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)
    ? undefined
    : "use 3 to 63 lowercase letters, digits, dots, and hyphens, with a letter or digit first and last";
}
