import type { Session } from "./session.js";

/** A column as DuckDB describes it, with DuckDB's name of the type. */
export interface NativeColumn {
  readonly name: string;
  readonly type: string;
}

/** Returns the columns of a SELECT, which is bound but not run. */
export async function describeRelation(select: string, session: Session): Promise<readonly NativeColumn[]> {
  const reader = await session.run((connection) => connection.runAndReadAll(`DESCRIBE ${select}`));
  return reader.getRowsJson().map(([name, type]) => ({ name: String(name), type: String(type) }));
}
