import { csvCells } from "./csv-cells.js";
import type { CsvDialect } from "./csv-dialect.js";
import { TextFault, type TextPlace } from "./text-fault.js";

/** The findings about a whole CSV file. */
export interface CsvFacts {
  /** The cells of the header, or of the first record if the file has none. */
  readonly cells: readonly string[];
  /** The number of records, without the header. */
  readonly records: number;
  /** True if the first record has a line break inside quotes. DuckDB would take it for the line ending of the file. */
  readonly isFirstBroken: boolean;
}

const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;

/** The maximum size of a record. DuckDB refuses longer ones, and its buffers grow with this. */
const longestRecord = 16 * 1024 * 1024;

type State =
  | "skipping"
  | "recordStart"
  | "fieldStart"
  | "spaces"
  | "unquoted"
  | "quoted"
  | "quoteSeen"
  | "escaped"
  | "comment"
  | "afterReturn";

type LineEnd = "\\n" | "\\r\\n" | "\\r";

export interface CsvScannerOptions {
  /** Receives the bytes that are not skipped lines or comments. */
  readonly keep?: ((bytes: Uint8Array) => void) | undefined;
  /** The record whose line is requested, from 0, without the header. */
  readonly watched?: number | undefined;
  /** Replaces the header in the kept bytes with one of plain numbers. Defaults to false. */
  readonly isHeaded?: boolean | undefined;
}

/**
 * Reads a CSV file byte by byte and finds everything that readers disagree about, or that DuckDB misreads: lines with another number of
 * cells, mixed line endings, spaces around quotes, text after a quote, and quotes that never close.
 *
 * The file arrives in pieces, as UTF-8 without a byte order mark. Memory does not grow with the file, except for the header.
 */
export class CsvScanner {
  readonly #dialect: CsvDialect;
  readonly #keep: ((bytes: Uint8Array) => void) | undefined;
  /** 1 for every byte that can end or change a value outside quotes. */
  readonly #special = new Uint8Array(256);
  readonly #head: Uint8Array[] = [];
  #state: State;
  /** The type of the line that ends. */
  #ending: "skipping" | "comment" | "record" | "blank" = "record";
  #toSkip: number;
  #lineEnd: LineEnd | undefined;
  #width: number | undefined;
  #cells: readonly string[] = [];
  #found = 1;
  #records = 0;
  /** The number of bytes before the current piece. */
  #before = 0;
  #line = 1;
  #lineStart = 0;
  #recordLine = 1;
  #recordStart = 0;

  readonly #watched: number | undefined;
  readonly #isHeaded: boolean;
  #watchedLine: number | undefined;
  #isFirstBroken = false;

  constructor(dialect: CsvDialect, { keep, watched, isHeaded = false }: CsvScannerOptions = {}) {
    this.#dialect = dialect;
    this.#keep = keep;
    this.#watched = watched;
    this.#isHeaded = isHeaded;
    this.#toSkip = dialect.skip;
    this.#state = dialect.skip > 0 ? "skipping" : "recordStart";
    for (const byte of [dialect.delimiter, dialect.quote, dialect.escape, lf, cr]) if (byte !== undefined) this.#special[byte] = 1;
  }

  /** The line of the watched record, once it was reached. */
  get watchedLine(): number | undefined {
    return this.#watchedLine;
  }

  /** The place after the bytes pushed so far. */
  get place(): TextPlace {
    return this.#placeAt(0);
  }

  /** @throws TextFault */
  push(bytes: Uint8Array): void {
    const { delimiter, quote, escape: before, comment } = this.#dialect;
    const special = this.#special;
    const length = bytes.length;
    let index = 0;
    /** The start of the kept bytes that were not passed on yet. */
    let kept = this.#isKept() && !this.#isHeadReplaced() ? 0 : -1;
    let headFrom = this.#width === undefined && this.#isKept() ? 0 : -1;
    const takeHead = (end: number): void => {
      if (headFrom >= 0) this.#head.push(Buffer.from(bytes.subarray(headFrom, end)));
      headFrom = -1;
    };
    const drop = (end: number): void => {
      if (kept >= 0 && end > kept) this.#keep?.(bytes.subarray(kept, end));
      kept = -1;
    };
    const endRecord = (byte: number, end: number): void => {
      if (this.#width === undefined) takeHead(end);
      this.#ending = "record";
      this.#endLine(byte, end);
    };
    while (index < length) {
      const byte = bytes[index] ?? 0;
      switch (this.#state) {
        case "unquoted": {
          while (index < length && special[bytes[index] ?? 0] === 0) index++;
          if (index === length) break;
          const at = bytes[index];
          if (at === delimiter) {
            this.#found++;
            this.#state = "fieldStart";
          } else if (at === lf || at === cr) {
            endRecord(at, index);
          } else if (at === before && before !== quote) {
            throw this.#fault(index, `has the escape character ${this.#shown(before)} outside quotes`, "the value in quotes");
          }
          index++;
          break;
        }
        case "recordStart":
        case "fieldStart": {
          if (this.#state === "recordStart") {
            this.#recordLine = this.#line;
            this.#recordStart = this.#lineStart;
            if (this.#width === undefined && headFrom < 0) headFrom = index;
            if (byte === comment) {
              drop(index);
              headFrom = -1;
              this.#state = "comment";
              index++;
              break;
            }
            if (kept < 0 && !this.#isHeadReplaced()) kept = index;
            if (byte === lf || byte === cr) {
              this.#ending = "blank";
              this.#endLine(byte, index);
              index++;
              break;
            }
          }
          if (byte === quote) {
            this.#state = "quoted";
            index++;
          } else if (byte === delimiter) {
            this.#found++;
            this.#state = "fieldStart";
            index++;
          } else if (byte === lf || byte === cr) {
            endRecord(byte, index);
            index++;
          } else if (byte === space && quote !== undefined) {
            this.#state = "spaces";
            index++;
          } else this.#state = "unquoted";
          break;
        }
        case "spaces":
          if (byte === space) index++;
          else if (byte === quote) throw this.#fault(index, "has spaces before a quote", "no spaces between a delimiter and a quote");
          else this.#state = "unquoted";
          break;
        case "quoted": {
          while (index < length) {
            const at = bytes[index];
            if (at === quote || at === before) break;
            index++;
            if (at === lf || (at === cr && index < length && bytes[index] !== lf)) {
              this.#line++;
              this.#lineStart = this.#before + index;
            }
          }
          if (index === length) break;
          this.#state = bytes[index] === before && before !== quote ? "escaped" : "quoteSeen";
          index++;
          break;
        }
        case "escaped":
          if (byte !== quote && byte !== before)
            throw this.#fault(
              index,
              `has the escape character ${this.#shown(before)} before ${this.#shown(byte)}`,
              `${this.#shown(quote)} or ${this.#shown(before)} after it`,
            );
          this.#state = "quoted";
          index++;
          break;
        case "quoteSeen":
          if (byte === quote && before === quote) {
            this.#state = "quoted";
            index++;
          } else if (byte === delimiter || byte === lf || byte === cr) this.#state = "unquoted";
          else throw this.#fault(index, "has text after a closing quote", "a delimiter or the end of the line after the quote");
          break;
        case "skipping":
        case "comment": {
          while (index < length && bytes[index] !== lf && bytes[index] !== cr) index++;
          if (index === length) break;
          this.#ending = this.#state;
          this.#endLine(bytes[index] ?? lf, index);
          index++;
          break;
        }
        case "afterReturn":
          if (byte === lf) {
            this.#lineStart++;
            index++;
          }
          this.#afterLine(byte === lf ? "\\r\\n" : "\\r");
          break;
      }
    }
    if (this.#width === undefined) takeHead(length);
    drop(length);
    this.#before += length;
    if (this.#before - this.#recordStart > longestRecord && this.#isKept())
      throw this.#recordFault(`is longer than ${longestRecord} bytes`, "a shorter record; a quote may be missing");
  }

  /** @throws TextFault */
  end(): CsvFacts {
    const { delimiter } = this.#dialect;
    switch (this.#state) {
      case "quoted":
      case "escaped":
        throw this.#recordFault("has a quote that is never closed", "a closing quote before the end of the file");
      case "afterReturn":
        this.#afterLine("\\r");
        break;
      case "unquoted":
      case "spaces":
      case "fieldStart":
      case "quoteSeen":
        this.#endRecord(this.#before);
        break;
      default:
    }
    if (this.#width === undefined) {
      const expected = this.#dialect.header ? `a header, cells separated by ${this.#shown(delimiter)}` : "a line of data";
      throw new TextFault({ line: this.#line, lineStart: this.#lineStart, at: this.#lineStart }, "is the end of the file", expected);
    }
    return { cells: this.#cells, records: this.#records, isFirstBroken: this.#isFirstBroken };
  }

  /** True if the current byte is part of a record. */
  #isKept(): boolean {
    if (this.#state === "afterReturn") return this.#ending === "record" || this.#ending === "blank";
    return this.#state !== "skipping" && this.#state !== "comment";
  }

  /** @param end Where the record ends in the file. */
  #endRecord(end: number): void {
    if (this.#records === this.#watched && (this.#width !== undefined || !this.#dialect.header)) this.#watchedLine = this.#recordLine;
    if (this.#width === undefined) {
      const head = Buffer.concat(this.#head);
      this.#cells = csvCells(head, this.#dialect);
      this.#isFirstBroken = head.includes(lf) || head.includes(cr);
      if (this.#isHeaded) this.#keepHeader(head);
      this.#head.length = 0;
      this.#width = this.#found;
      if (!this.#dialect.header) this.#records++;
    } else {
      if (this.#found !== this.#width) {
        const model = this.#dialect.header ? "the header has" : "the first line has";
        throw this.#recordFault(`has ${count(this.#found)}; ${model} ${this.#width}`, `${count(this.#width)}${this.#names()}`);
      }
      this.#records++;
    }
    if (end - this.#recordStart > longestRecord)
      throw this.#recordFault(`is longer than ${longestRecord} bytes`, "a shorter record; a quote may be missing");
    this.#found = 1;
  }

  #isHeadReplaced(): boolean {
    return this.#isHeaded && this.#width === undefined;
  }

  #keepHeader(head: Uint8Array): void {
    const end = { "\\n": "\n", "\\r\\n": "\r\n", "\\r": "\r" }[this.#lineEnd ?? "\\n"];
    const numbers = this.#cells.map((_, index) => index).join(String.fromCharCode(this.#dialect.delimiter));
    this.#keep?.(Buffer.from(numbers + end));
    if (!this.#dialect.header) this.#keep?.(Buffer.concat([head, Buffer.from(end)]));
  }

  #names(): string {
    return this.#dialect.header ? ` (${this.#cells.join(String.fromCharCode(this.#dialect.delimiter))})` : "";
  }

  /** Handles an empty line: null in a file with one column, ignored in any other. */
  #blankLine(): void {
    if (this.#width === undefined) {
      const expected = this.#dialect.header ? "a header; skip: 1 leaves a line out" : "a line of data";
      throw this.#recordFault("is empty", expected);
    }
    if (this.#width === 1) this.#records++;
  }

  /** Handles the byte at `index`, which ends a line. A carriage return can be the first half of the line ending. */
  #endLine(byte: number, index: number): void {
    this.#lineStart = this.#before + index + 1;
    if (byte === cr) this.#state = "afterReturn";
    else this.#afterLine("\\n");
  }

  /** Counts the line whose last byte is before `lineStart`. */
  #afterLine(end: LineEnd): void {
    const ending = this.#ending;
    if (ending !== "skipping") {
      this.#lineEnd ??= end;
      if (this.#lineEnd !== end) {
        const place = { line: this.#line, lineStart: this.#recordStart, at: this.#recordStart };
        throw new TextFault(place, `ends with ${end}; the lines before it end with ${this.#lineEnd}`, "one kind of line end in a file");
      }
    }
    if (ending === "record") this.#endRecord(this.#lineStart);
    else if (ending === "blank") this.#blankLine();
    this.#line++;
    if (ending === "skipping") this.#toSkip--;
    this.#state = ending === "skipping" && this.#toSkip > 0 ? "skipping" : "recordStart";
  }

  #placeAt(index: number): TextPlace {
    return { line: this.#line, lineStart: this.#lineStart, at: this.#before + index };
  }

  #fault(index: number, problem: string, expected: string): TextFault {
    return new TextFault(this.#placeAt(index), problem, expected);
  }

  #recordFault(problem: string, expected: string): TextFault {
    return new TextFault({ line: this.#recordLine, lineStart: this.#recordStart, at: this.#recordStart }, problem, expected);
  }

  #shown(byte: number | undefined): string {
    return JSON.stringify(String.fromCharCode(byte ?? 0));
  }
}

function count(cells: number): string {
  return `${cells} cell${cells === 1 ? "" : "s"}`;
}
