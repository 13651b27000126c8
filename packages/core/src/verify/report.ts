/** What can be wrong in a store. The names are public and do not change; messages may. */
export type ProblemKind =
  /** The metadata of a version that was latest once, or is, is gone. */
  | "metadata-missing"
  /** A `.meta.json` cannot be read, or is not byte for byte what mlforge wrote. */
  | "metadata-invalid"
  /** A `.meta.json` is that of another version. */
  | "metadata-misplaced"
  /** A document was written by a newer mlforge. */
  | "layout-unsupported"
  | "data-missing"
  | "data-size"
  /** A data file has the recorded size and another SHA-256. */
  | "data-hash"
  /** There are versions, and no pointer says which is latest. */
  | "pointer-missing"
  | "pointer-invalid"
  /** A `_latest.json` is that of another feature. */
  | "pointer-misplaced"
  /** The history of a pointer contradicts itself. */
  | "pointer-history"
  /** The version that is latest was removed by a prune. */
  | "pointer-pruned"
  | "claim-invalid"
  /** A `.claim.json` is that of another version. */
  | "claim-misplaced"
  /** A number was claimed more than a day ago and never published. */
  | "claim-abandoned"
  | "gitignore-missing"
  | "gitignore-altered"
  | "manifest-invalid"
  /** Nothing in the store refers to this. */
  | "stray";

/** What is worth knowing and not wrong. */
export type NoteKind =
  /** A number was claimed within the last day: perhaps a build is running. */
  | "build-running"
  /** A removed version still has files; the next prune removes them. */
  | "pruned-remains"
  /** A version without a claim in a store that is no working tree. */
  | "claim-missing"
  /** Metadata of mlforge for Python, whose versions cannot be read here. */
  | "python-metadata";

interface Finding {
  /** Missing for what belongs to no feature. */
  readonly feature?: string | undefined;
  readonly version?: string | undefined;
  /** Of the object, from the root of the store; ends with `/` for a whole folder. */
  readonly key: string;
  readonly message: string;
}

/** One thing that is wrong in a store. */
export interface StoreProblem extends Finding {
  readonly kind: ProblemKind;
  /** What to do about it, in a sentence. */
  readonly fix: string;
}

/** One thing that is worth knowing of a store. */
export interface StoreNote extends Finding {
  readonly kind: NoteKind;
}

/** What was found in a store. It is sound if there are no problems. */
export interface VerifyReport {
  /** How many features have something in the store. */
  readonly features: number;
  /** How many versions have metadata. */
  readonly versions: number;
  /** How many objects were looked at. */
  readonly files: number;
  /** Their size. */
  readonly bytes: number;
  /** In the order of the store's keys. */
  readonly problems: readonly StoreProblem[];
  readonly notes: readonly StoreNote[];
}

/** Where a verification is. */
export interface VerifyProgress {
  /** The feature that something was read of. */
  readonly feature: string;
  /** Data files that were read so far, in all features. */
  readonly files: number;
  /** Bytes of data that were read so far. */
  readonly bytes: number;
}
