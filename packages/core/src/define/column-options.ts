/** Options of a column type. */
export interface ColumnOptions {
  /** If true, the column can contain nulls. Defaults to true. */
  readonly nullable?: boolean | undefined;
}
