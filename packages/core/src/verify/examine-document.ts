import { isMlforgeError, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "../log/attempt.js";
import { encodeDocument, isText, parseDocument, parseJson, readBytes, shown } from "../log/document.js";
import { whyUnreadable } from "./unreadable.js";

/** The result of examining a JSON object. */
export type Examined<T> =
  | { readonly kind: "sound"; readonly value: T }
  /** It existed when the store was listed. */
  | { readonly kind: "gone" }
  /** Written by mlforge for Python: it has no checksum, and no members that only this mlforge writes. `value` is defined if it can be read. */
  | { readonly kind: "foreign"; readonly value: T | undefined }
  | { readonly kind: "newer" | "broken" | "unreadable"; readonly reason: string };

interface DocumentKind<S extends v.GenericSchema> {
  readonly schema: S;
  /** Returns true if a document without a checksum was written by mlforge for Python. */
  readonly isForeign: (members: ReadonlySet<string>) => boolean;
  /** The maximum size in bytes. */
  readonly most?: number | undefined;
}

/** Reads and parses a JSON object, and compares its bytes with what mlforge writes. */
export async function examineDocument<S extends v.GenericSchema>(
  store: Store,
  key: string,
  { schema, isForeign, most }: DocumentKind<S>,
  signal?: AbortSignal,
): Promise<Examined<v.InferOutput<S>>> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = (await attempt(() => readBytes(store, key, signal, most), signal))?.value;
    if (bytes === undefined) return { kind: "gone" };
    const json = membersOf(bytes);
    const members = new Set(Object.keys(json ?? {}));
    if (json !== undefined && !members.has("checksum") && isForeign(members)) {
      const parsed = v.safeParse(schema, json);
      return { kind: "foreign", value: parsed.success ? parsed.output : undefined };
    }
    const value = parseDocument(key, bytes, schema);
    if (!members.has("checksum")) return { kind: "broken", reason: "it has no checksum" };
    return isAsWritten(bytes, json ?? {})
      ? { kind: "sound", value }
      : { kind: "broken", reason: "its bytes differ from those that were written" };
  } catch (error) {
    if (isMlforgeError(error, "METADATA_INVALID")) return { kind: "broken", reason: shown(error.details.problems) };
    if (isMlforgeError(error, "LAYOUT_UNSUPPORTED")) {
      return {
        kind: "newer",
        reason: `it has storage layout ${error.details.found}, but this mlforge reads layouts up to ${error.details.supported}`,
      };
    }
    return { kind: "unreadable", reason: await whyUnreadable(error, store, signal) };
  }
}

const object = v.record(v.string(), v.unknown());

function membersOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed = v.safeParse(object, parseJson(bytes));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function isAsWritten(bytes: Uint8Array, { checksum: _, ...value }: Readonly<Record<string, unknown>>): boolean {
  return isText(bytes, encodeDocument(value));
}
