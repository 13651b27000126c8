import { jsonKinds, numberKind } from "./json-number.js";
import { TextFault, type TextPlace } from "./text-fault.js";

/** The findings about a whole NDJSON file. */
export interface NdjsonFacts {
  /** Every key of an object of the file, in order of first appearance, with the combined {@link jsonKinds} of its values. */
  readonly keys: ReadonlyMap<string, number>;
  readonly records: number;
}

interface Key {
  readonly name: string;
  readonly bytes: Uint8Array;
  kinds: number;
  /** The last line that has the key. */
  line: number;
}

const lf = 0x0a;
const cr = 0x0d;
const tab = 0x09;
const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const bracketOpen = 0x5b;
const bracketClose = 0x5d;

/** The maximum nesting. Deeper objects crash DuckDB, and with it the process. */
const deepest = 500;

/** The maximum size of an object. DuckDB refuses longer ones. */
const longestObject = 16 * 1024 * 1024;

/**
 * Reads an NDJSON file line by line: finds its keys and the kinds of their values, and lines that are not an object, nest too deeply, or have a key twice.
 *
 * It does not check all of JSON's grammar; the engine does. With `rewrite`, it returns the lines with numbers, arrays, and objects among the values as
 * strings of their text, so that no digit can be lost.
 */
export class NdjsonScanner {
  readonly #rewrite: ((bytes: Uint8Array) => void) | undefined;
  readonly #keys: Key[] = [];
  readonly #byName = new Map<string, Key>();
  #rest: Uint8Array = new Uint8Array(0);
  #records = 0;
  #line = 1;
  #lineStart = 0;

  readonly #watched: number | undefined;
  #watchedLine: number | undefined;

  /** @param watched The record whose line is requested, from 0. */
  constructor(rewrite?: (bytes: Uint8Array) => void, watched?: number) {
    this.#rewrite = rewrite;
    this.#watched = watched;
  }

  /** The line of the watched record, once it was reached. */
  get watchedLine(): number | undefined {
    return this.#watchedLine;
  }

  /** The place after the bytes pushed so far. */
  get place(): TextPlace {
    return this.#placeAt(this.#rest.length);
  }

  /** @throws TextFault */
  push(piece: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(lf); end !== -1; end = bytes.indexOf(lf, start)) {
      this.#scanLine(bytes, start, end);
      this.#line++;
      this.#lineStart += end + 1 - start;
      start = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(start));
    if (this.#rest.length > longestObject) throw this.#fault(0, `is longer than ${longestObject} bytes`, "one object a line");
  }

  /** @throws TextFault */
  end(): NdjsonFacts {
    if (this.#rest.length > 0) this.#scanLine(this.#rest, 0, this.#rest.length);
    return { keys: new Map(this.#keys.map(({ name, kinds }) => [name, kinds])), records: this.#records };
  }

  #scanLine(bytes: Uint8Array, start: number, lineEnd: number): void {
    let end = lineEnd;
    while (end > start && isSpace(bytes[end - 1])) end--;
    let index = skipSpace(bytes, start, end);
    if (index === end) return;
    if (end - start > longestObject) throw this.#fault(0, `is longer than ${longestObject} bytes`, "one object a line");
    if (bytes[index] !== braceOpen) throw this.#fault(index - start, `begins with ${shown(bytes, index)}`, "one object a line: {...}");
    const spans: Span[] | undefined = this.#rewrite === undefined ? undefined : [];
    index = skipSpace(bytes, index + 1, end);
    for (let position = 0; bytes[index] !== braceClose || position > 0; position++) {
      if (bytes[index] !== quote) throw this.#fault(index - start, this.#stands(bytes, index, end), "a key in quotes");
      const keyEnd = this.#stringEnd(bytes, index, start, end);
      const key = this.#key(bytes, index, keyEnd, position);
      if (key.line === this.#line) throw this.#fault(index - start, `has the key ${JSON.stringify(key.name)} twice`, "each key once");
      key.line = this.#line;
      index = skipSpace(bytes, keyEnd, end);
      if (bytes[index] !== colon) throw this.#fault(index - start, this.#stands(bytes, index, end), "a colon after the key");
      index = skipSpace(bytes, index + 1, end);
      const from = index;
      index = this.#value(bytes, index, start, end, key, spans);
      if (index === from) throw this.#fault(index - start, this.#stands(bytes, index, end), "a value");
      index = skipSpace(bytes, index, end);
      if (bytes[index] === braceClose && index < end) break;
      if (bytes[index] !== comma || index >= end)
        throw this.#fault(index - start, this.#stands(bytes, index, end), "a comma or a closing brace after the value");
      index = skipSpace(bytes, index + 1, end);
    }
    index = skipSpace(bytes, index + 1, end);
    if (index < end) throw this.#fault(index - start, `has ${shown(bytes, index)} after its object`, "one object a line");
    if (this.#records === this.#watched) this.#watchedLine = this.#line;
    this.#records++;
    if (spans !== undefined) this.#write(bytes, start, end, spans);
  }

  /** Returns the end of the value that begins at `index`. */
  #value(bytes: Uint8Array, from: number, start: number, end: number, key: Key, spans: Span[] | undefined): number {
    const first = bytes[from];
    if (first === quote) {
      key.kinds |= jsonKinds.string;
      return this.#stringEnd(bytes, from, start, end);
    }
    if (first === braceOpen || first === bracketOpen) {
      key.kinds |= jsonKinds.nested;
      const to = this.#nestedEnd(bytes, from, start, end, key);
      spans?.push({ from, to });
      return to;
    }
    const to = tokenEnd(bytes, from, end);
    if (to === from) return from;
    const kind = tokenKind(bytes, from, to);
    if (kind === 0) throw this.#fault(from - start, `has ${shown(bytes, from)} where its object goes on`, "a JSON value");
    key.kinds |= kind;
    if (kind !== jsonKinds.null && kind !== jsonKinds.boolean) spans?.push({ from, to });
    return to;
  }

  #nestedEnd(bytes: Uint8Array, from: number, start: number, end: number, key: Key): number {
    let depth = 0;
    let index = from;
    while (index < end) {
      const byte = bytes[index];
      if (byte === quote) {
        index = this.#stringEnd(bytes, index, start, end);
        continue;
      }
      if (byte === braceOpen || byte === bracketOpen) {
        depth++;
        if (depth >= deepest) throw this.#fault(index - start, `nests more than ${deepest} deep`, `at most ${deepest} levels`);
      } else if (byte === braceClose || byte === bracketClose) {
        depth--;
        if (depth === 0) return index + 1;
      } else if (isNumberStart(byte)) {
        const to = tokenEnd(bytes, index, end);
        key.kinds |= tokenKind(bytes, index, to) & (jsonKinds.raw | jsonKinds.inexact);
        index = to;
        continue;
      }
      index++;
    }
    throw this.#fault(end - start, "ends inside an array or an object", "one whole object a line");
  }

  #stringEnd(bytes: Uint8Array, from: number, start: number, end: number): number {
    for (let index = from + 1; index < end; index++) {
      const byte = bytes[index];
      if (byte === quote) return index + 1;
      if (byte === backslash) index++;
    }
    throw this.#fault(from - start, "has a string that is never closed", "a closing quote in the same line");
  }

  /** Finds a key quickly, because the objects of a file usually have the same keys in the same order. */
  #key(bytes: Uint8Array, from: number, to: number, position: number): Key {
    const likely = this.#keys[position];
    if (likely !== undefined && isEqual(likely.bytes, bytes, from, to)) return likely;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
    const name = nameIn(text);
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const key: Key = { name, bytes: Buffer.from(bytes.subarray(from, to)), kinds: 0, line: 0 };
    this.#keys.push(key);
    this.#byName.set(name, key);
    return key;
  }

  #write(bytes: Uint8Array, start: number, end: number, spans: readonly Span[]): void {
    let from = start;
    const text = (begin: number, stop: number): string =>
      Buffer.from(bytes.buffer, bytes.byteOffset + begin, stop - begin).toString("utf8");
    const parts: string[] = [];
    for (const span of spans) {
      parts.push(text(from, span.from), JSON.stringify(text(span.from, span.to)));
      from = span.to;
    }
    parts.push(text(from, end), "\n");
    this.#rewrite?.(Buffer.from(parts.join(""), "utf8"));
  }

  #stands(bytes: Uint8Array, index: number, end: number): string {
    return index >= end ? "ends inside its object" : `has ${shown(bytes, index)} where its object goes on`;
  }

  #placeAt(offset: number): TextPlace {
    return { line: this.#line, lineStart: this.#lineStart, at: this.#lineStart + offset };
  }

  #fault(offset: number, problem: string, expected: string): TextFault {
    return new TextFault(this.#placeAt(offset), problem, expected);
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === cr || byte === tab;
}

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let index = from;
  while (index < end && isSpace(bytes[index])) index++;
  return index;
}

/** Returns the end of a number or a word. */
function tokenEnd(bytes: Uint8Array, from: number, end: number): number {
  let index = from;
  while (index < end) {
    const byte = bytes[index] ?? 0;
    const isToken = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
    if (!isToken && byte !== 0x2e && byte !== 0x2d && byte !== 0x2b) break;
    index++;
  }
  return index;
}

function isNumberStart(byte: number | undefined): boolean {
  return byte !== undefined && (byte === 0x2d || (byte >= 0x30 && byte <= 0x39));
}

function tokenKind(bytes: Uint8Array, from: number, to: number): number {
  const plain = to - from <= 15 ? plainNumberKind(bytes, from, to) : 0;
  if (plain !== 0) return plain;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
  if (text === "null") return jsonKinds.null;
  return text === "true" || text === "false" ? jsonKinds.boolean : numberKind(text);
}

/** Returns the kind of a number in the usual form: at most 15 digits, no exponent, no trailing zero in the fraction. Returns 0 for all others. */
function plainNumberKind(bytes: Uint8Array, from: number, to: number): number {
  const start = bytes[from] === 0x2d ? from + 1 : from;
  let point = -1;
  for (let index = start; index < to; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 0x2e && point === -1 && index > start) point = index;
    else if (byte < 0x30 || byte > 0x39) return 0;
  }
  const isPadded = bytes[start] === 0x30 && to - start > 1 && point !== start + 1;
  if (isPadded) return 0;
  if (point === -1) return start < to && (start === from || bytes[start] !== 0x30) ? jsonKinds.integer : 0;
  // Other tools write numbers below a thousandth with an exponent.
  const isSmall = bytes[start] === 0x30 && point === start + 1 && bytes[point + 1] === 0x30 && bytes[point + 2] === 0x30;
  return isSmall || point === to - 1 || bytes[to - 1] === 0x30 ? 0 : jsonKinds.float;
}

function isEqual(key: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (key.length !== to - from) return false;
  for (let index = 0; index < key.length; index++) if (key[index] !== bytes[from + index]) return false;
  return true;
}

/** Returns the text of a JSON string, or the unchanged text if it is not a string, which the engine will report. */
function nameIn(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Returns the beginning of a line. */
function shown(bytes: Uint8Array, index: number): string {
  return JSON.stringify(
    (
      Buffer.from(bytes.subarray(index, index + 20))
        .toString("utf8")
        .split(/[\r\n]/)[0] ?? ""
    ).replace(/\ufffd$/, ""),
  );
}
