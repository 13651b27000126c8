import { isMlforgeError, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "./attempt.js";
import { encodeDocument, maxDocumentBytes, readDocument } from "./document.js";
import { inputsKey } from "./keys.js";

/** A day (in days since the Unix epoch, or null for rows without a time), the number of its rows, and their checksum. */
export type InputDay = readonly [day: number | null, rows: number, checksum: string];

/** The rows of a file by day. */
export interface InputFile {
  /** The last part of its path. Appears in messages only. */
  readonly name: string;
  /** Identifies its content. */
  readonly hash: string;
  readonly days: readonly InputDay[];
}

/** The files of a source, and the column with the times of its rows. */
export interface InputSource {
  readonly source: string;
  readonly column: string;
  readonly files: readonly InputFile[];
}

/** The content of `.inputs.json`: the inputs of a version with periods. Without it, the next build reads all sources. */
export interface Inputs {
  readonly feature: string;
  readonly version: string;
  readonly commit_id: string;
  /** The definition, which determines the columns that the checksums cover. */
  readonly plan_fingerprint: string;
  /** The engine that computed the checksums. Checksums of another version cannot be compared with them. */
  readonly engine: { readonly name: string; readonly version: string };
  readonly sources: readonly InputSource[];
}

/** Parses a day from one string, because a document has a line for each value. */
const day = v.pipe(
  v.string(),
  v.regex(/^(none|-?\d{1,9}) \d{1,15} \d+$/, "is not a day with its rows and their checksum"),
  v.transform((line): InputDay => {
    const [date = "", rows = "", checksum = ""] = line.split(" ");
    return [date === "none" ? null : Number(date), Number(rows), checksum];
  }),
);

/** The schema of `.inputs.json`. */
const inputsSchema: v.GenericSchema<unknown, Inputs> = v.object({
  feature: v.string(),
  version: v.string(),
  commit_id: v.string(),
  plan_fingerprint: v.string(),
  engine: v.object({ name: v.string(), version: v.string() }),
  sources: v.array(
    v.object({
      source: v.string(),
      column: v.string(),
      files: v.array(v.object({ name: v.string(), hash: v.string(), days: v.array(day) })),
    }),
  ),
});

/** Writes the inputs of a version that this commit has claimed, unless they are larger than a document can be. The next build then reads all sources. */
export async function writeInputs(store: Store, inputs: Inputs, signal?: AbortSignal): Promise<void> {
  const key = inputsKey(inputs.feature, inputs.version);
  const line = ([date, rows, checksum]: InputDay): string => `${date ?? "none"} ${rows} ${checksum}`;
  const sources = inputs.sources.map((each) => ({ ...each, files: each.files.map((file) => ({ ...file, days: file.days.map(line) })) }));
  const bytes = encodeDocument({ ...inputs, sources });
  if (bytes.length <= maxDocumentBytes) await attempt(() => store.put(key, bytes, { signal }), signal);
}

/** Reads the inputs of a version. Returns undefined if they are missing or unreadable. A build then reads all sources. */
export async function readInputs(
  store: Store,
  version: { readonly name: string; readonly version: string; readonly commit_id: string },
  signal?: AbortSignal,
): Promise<Inputs | undefined> {
  try {
    const found = (await readDocument(store, inputsKey(version.name, version.version), inputsSchema, signal))?.value;
    return found?.commit_id === version.commit_id ? found : undefined;
  } catch (error) {
    if (isMlforgeError(error, "METADATA_INVALID", "LAYOUT_UNSUPPORTED")) return undefined;
    throw error;
  }
}
