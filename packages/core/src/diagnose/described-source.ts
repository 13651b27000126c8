import type { NamedColumn, TimeEncoding } from "@mlforge/spec";
import type { OmittedColumn } from "../resolve/omitted-columns.js";

/** A column of the files of a source. */
export interface SourceColumn extends NamedColumn {
  /** How its timestamps are written, if the source declares it. */
  readonly encoding?: TimeEncoding | undefined;
}

/** A difference between what a source declares and what its files have. */
export interface ColumnDifference {
  readonly column: string;
  /**
   * `missing`: declared but not in the files. `kind`: the files have a kind that cannot be read as declared. `read_as`: the files have another kind,
   * which can be read as declared. `extra`: in the files but not declared. The first two fail a build.
   */
  readonly difference: "missing" | "kind" | "read_as" | "extra";
  readonly declared: NamedColumn | undefined;
  readonly found: NamedColumn | undefined;
  /** Why it fails a build, and what to do. Undefined if it does not fail a build. */
  readonly message: string | undefined;
}

/** The actual columns of a source's files, and how they differ from what the source declares. */
export interface DescribedSource {
  readonly source: string;
  /** True if the source declares columns. */
  readonly declares: boolean;
  /** The columns of its files, in order. A declared column has its declared kind if the files can be read that way. */
  readonly columns: readonly SourceColumn[];
  /** Undeclared columns of its files that no column type can hold. */
  readonly omitted: readonly OmittedColumn[];
  readonly differences: readonly ColumnDifference[];
  /** True if every declared column exists and can be read as its kind. */
  readonly passed: boolean;
}
