/** Whether a column may hold nulls; true unless told. */
export interface ColumnOptions {
  readonly nullable?: boolean | undefined;
}
