import type { Leftover } from "@mlforge/spec";

/** The kinds of problems in a store. The names are public and do not change. The messages can change. */
export type ProblemKind =
  /** The metadata of a version that is or was latest is missing. */
  | "metadata-missing"
  /** A `.meta.json` cannot be read, or differs from the bytes that mlforge wrote. */
  | "metadata-invalid"
  /** A `.meta.json` belongs to another version. */
  | "metadata-misplaced"
  /** A document was written by a newer mlforge. */
  | "layout-unsupported"
  | "data-missing"
  | "data-size"
  /** A data file has the recorded size but another SHA-256. */
  | "data-hash"
  /** Versions exist, but no pointer says which one is latest. */
  | "pointer-missing"
  | "pointer-invalid"
  /** A `_latest.json` belongs to another feature. */
  | "pointer-misplaced"
  /** The history of a pointer contradicts itself. */
  | "pointer-history"
  /** The latest version was pruned. */
  | "pointer-pruned"
  | "claim-invalid"
  /** A `.claim.json` belongs to another version. */
  | "claim-misplaced"
  /** A number was claimed more than a day ago and never published. */
  | "claim-abandoned"
  | "gitignore-missing"
  | "gitignore-altered"
  | "manifest-invalid"
  /** Metadata of mlforge for Python, whose versions this mlforge cannot read. */
  | "python-metadata"
  /** The store refuses to return an object, for example because of its permissions. */
  | "unreadable"
  /** Nothing in the store refers to this object. */
  | "stray";

/** The kinds of findings that are not problems. */
export type NoteKind =
  /** A number was claimed within the last day. A build may be running. */
  | "build-running"
  /** A pruned version still has files. The next prune removes them. */
  | "pruned-remains"
  /** A version has no claim, and the store is not a working tree. */
  | "claim-missing";

interface Finding {
  /** Undefined if the object belongs to no feature. */
  readonly feature?: string | undefined;
  readonly version?: string | undefined;
  /** The key of the object, from the root of the store. Ends in `/` for a whole folder. */
  readonly key: string;
  readonly message: string;
}

/** A problem in a store. */
export interface StoreProblem extends Finding {
  readonly kind: ProblemKind;
  /** A sentence that says how to fix it. */
  readonly fix: string;
}

/** A finding that is not a problem. */
export interface StoreNote extends Finding {
  readonly kind: NoteKind;
}

/** The findings about a store. The store is OK if there are no problems. */
export interface VerifyReport {
  /** The number of features that have anything in the store. */
  readonly features: number;
  /** The number of versions that have metadata. */
  readonly versions: number;
  /** The number of objects that were examined. */
  readonly files: number;
  /** Their total size. */
  readonly bytes: number;
  /** In the order of the keys of the store. */
  readonly problems: readonly StoreProblem[];
  readonly notes: readonly StoreNote[];
  /** Leftovers of killed processes. A prune removes them. Empty if only some features were verified. */
  readonly leftovers: readonly Omit<Leftover, "remove">[];
}

/** The progress of a verification. */
export interface VerifyProgress {
  /** The feature that is being read. */
  readonly feature: string;
  /** The number of data files read so far, over all features. */
  readonly files: number;
  /** The number of data bytes read so far. */
  readonly bytes: number;
}
