/** Whether a column can contain nulls. Defaults to true. */
export interface ColumnOptions {
  readonly nullable?: boolean | undefined;
}
