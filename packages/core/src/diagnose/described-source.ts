import type { NamedColumn, TimeEncoding } from "@mlforge/spec";
import type { OmittedColumn } from "../resolve/omitted-columns.js";

/** A column of a source's files. */
export interface SourceColumn extends NamedColumn {
  /** How its moments are written, where the source declares it. */
  readonly encoding?: TimeEncoding | undefined;
}

/** One difference between what a source declares and what its files have. */
export interface ColumnDifference {
  readonly column: string;
  /**
   * `missing`: declared and not in the files. `kind`: the files have a kind that cannot be read as the declared one. `read_as`: the files have it
   * otherwise, and it can be read as declared. `extra`: in the files and not declared. The first two fail a build.
   */
  readonly difference: "missing" | "kind" | "read_as" | "extra";
  readonly declared: NamedColumn | undefined;
  readonly found: NamedColumn | undefined;
  /** Why, and what to do, where it fails a build. */
  readonly message: string | undefined;
}

/** What the files of a source have, beside what it declares. */
export interface DescribedSource {
  readonly source: string;
  /** Whether it declares columns. */
  readonly declares: boolean;
  /** The columns of its files in their order; a declared one as it was declared, where the files can be read so. */
  readonly columns: readonly SourceColumn[];
  /** The columns of its files that no column kind can hold and that it does not declare. */
  readonly omitted: readonly OmittedColumn[];
  readonly differences: readonly ColumnDifference[];
  /** Whether every declared column is there and can be read as its kind. */
  readonly passed: boolean;
}
