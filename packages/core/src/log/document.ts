import { createHash } from "node:crypto";
import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "./attempt.js";

/** A small JSON object of a store, with the etag of the state that was read. */
export interface StoredDocument<T> {
  readonly value: T;
  readonly etag: string;
}

/** The maximum size of a document. The longest history of moves is smaller than this. */
export const maxDocumentBytes = 4 * 1024 * 1024;

/**
 * Reads and parses a JSON object. Returns undefined if it does not exist.
 *
 * @throws METADATA_INVALID if it is truncated or does not match the schema
 */
export async function readDocument<S extends v.GenericSchema>(
  store: Store,
  key: string,
  schema: S,
  signal?: AbortSignal,
): Promise<StoredDocument<v.InferOutput<S>> | undefined> {
  const stored = await attempt(() => readBytes(store, key, signal), signal);
  if (stored === undefined) return undefined;
  return { value: parseDocument(key, stored.value, schema), etag: stored.etag };
}

/** Parses a JSON object. @throws METADATA_INVALID, LAYOUT_UNSUPPORTED */
export function parseDocument<S extends v.GenericSchema>(key: string, bytes: Uint8Array, schema: S): v.InferOutput<S> {
  let json: unknown;
  try {
    json = parseJson(bytes);
  } catch (cause) {
    if (cause instanceof NestingError) throw invalid(key, [cause.message]);
    const problem = `it is not JSON (${bytes.length} bytes)`;
    throw invalid(key, [problem], cause);
  }
  refuseNewerLayout(key, json);
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw invalid(key, [`it is ${kindOf(json)} instead of an object`]);
  const parsed = v.safeParse(schema, json);
  if (parsed.success) {
    expectUnaltered(key, json);
    return parsed.output;
  }
  const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
  throw invalid(key, problems);
}

/** The maximum depth of the arrays and objects of a document. A nested column type takes two levels for each of its own. */
const maxDepth = 500;

class NestingError extends Error {}

/** Parses JSON. Refuses values that are nested so deeply that code which visits them recursively would overflow the stack. */
export function parseJson(bytes: Uint8Array): unknown {
  expectShallow(bytes);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

const [quote, backslash, bracket, brace, endBracket, endBrace] = [...Buffer.from('"\\[{]}')];

function expectShallow(bytes: Uint8Array): void {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inText) {
      if (byte === backslash) index++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (byte === bracket || byte === brace) {
      depth++;
      if (depth > maxDepth) throw new NestingError(`its values are nested more than ${maxDepth} levels deep`);
    } else if (byte === endBracket || byte === endBrace) depth--;
  }
}

function kindOf(json: unknown): string {
  if (json === null) return "null";
  return Array.isArray(json) ? "an array" : `a ${typeof json}`;
}

/** The newest layout that mlforge reads. Only versions with periods are written in this layout. All others are written in layout 1. */
export const layoutVersion = 2;

function refuseNewerLayout(key: string, json: unknown): void {
  const parsed = v.safeParse(v.object({ layout_version: v.number() }), json);
  if (!parsed.success || parsed.output.layout_version <= layoutVersion) return;
  const found = parsed.output.layout_version;
  throw new MlforgeError(
    "LAYOUT_UNSUPPORTED",
    `"${key}" has storage layout ${found}, but this mlforge reads layouts up to ${layoutVersion}; upgrade mlforge`,
    { key, found, supported: layoutVersion },
  );
}

/** The maximum number of problems in a message. The details contain all of them. */
const maxShown = 3;

function invalid(key: string, problems: readonly string[], cause?: unknown): MlforgeError<"METADATA_INVALID"> {
  const message = `"${key}" cannot be read as mlforge metadata: ${shown(problems)}; restore it from Git or a backup`;
  return new MlforgeError("METADATA_INVALID", message, { key, problems }, { cause });
}

/** Joins problems into a text of reasonable length. */
export function shown(problems: readonly string[]): string {
  const more = problems.length > maxShown ? ` and ${problems.length - maxShown} more` : "";
  return problems.slice(0, maxShown).join("; ") + more;
}

function expectLength(key: string, bytes: number, most: number): void {
  if (bytes > most) throw invalid(key, [`it has ${bytes} bytes, more than ${most}`]);
}

/** Returns the bytes under a key, if there are at most `most`. @throws METADATA_INVALID */
export async function readBytes(
  store: Store,
  key: string,
  signal?: AbortSignal,
  most: number = maxDocumentBytes,
): Promise<StoredDocument<Uint8Array> | undefined> {
  try {
    await using result = await store.get(key, { signal });
    expectLength(key, result.info.size, most);
    const parts: Uint8Array[] = [];
    for await (const part of result.body) parts.push(part);
    return { value: Buffer.concat(parts), etag: result.info.etag };
  } catch (error) {
    if (isMlforgeError(error, "STORE_NOT_FOUND")) return undefined;
    throw error;
  }
}

/** Returns true if these bytes are a text that mlforge writes. A Git checkout may have changed all of its line endings. */
export function isText(bytes: Uint8Array, written: Uint8Array): boolean {
  if (Buffer.compare(bytes, written) === 0) return true;
  return Buffer.compare(bytes, Buffer.from(Buffer.from(written).toString("utf8").replaceAll("\n", "\r\n"))) === 0;
}

/** Returns the bytes of a document: indented JSON that ends in a line break. Its last member is the SHA-256 of the document without that member. */
export function encodeDocument(value: object): Uint8Array {
  return new TextEncoder().encode(indent({ ...value, checksum: checksumOf(value) }));
}

/**
 * Returns the bytes of a document that {@link readDocument} accepts. Any other document would make its feature unusable.
 *
 * @throws METADATA_INVALID
 */
export function encodeReadable(key: string, value: object, schema: v.GenericSchema): Uint8Array {
  const bytes = encodeDocument(value);
  try {
    expectLength(key, bytes.length, maxDocumentBytes);
    parseDocument(key, bytes, schema);
  } catch (cause) {
    if (!isMlforgeError(cause, "METADATA_INVALID")) throw cause;
    const { problems } = cause.details;
    const message = `"${key}" was not written, because it could not be read again: ${shown(problems)}`;
    throw new MlforgeError("METADATA_INVALID", message, { key, problems }, { cause });
  }
  return bytes;
}

function checksumOf(value: object): string {
  return createHash("sha256").update(indent(value)).digest("hex");
}

function indent(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

const summed = v.looseObject({ checksum: v.string() });

/** Documents written by hand, or by mlforge for Python, have no checksum. */
function expectUnaltered(key: string, json: object): void {
  const parsed = v.safeParse(summed, json);
  if (!parsed.success) return;
  const { checksum, ...value } = parsed.output;
  if (checksum !== checksumOf(value)) throw invalid(key, ["it was changed after it was written: its checksum does not match"]);
}
