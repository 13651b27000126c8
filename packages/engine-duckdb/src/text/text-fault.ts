/** A place in a text file. Offsets are bytes of the file after decompression and conversion to UTF-8. */
export interface TextPlace {
  /** The line number, from 1. */
  readonly line: number;
  /** The start of the line. */
  readonly lineStart: number;
  /** The place of the fault, at or after `lineStart`. */
  readonly at: number;
}

/** Thrown for a text file whose rows are not clear. */
export class TextFault extends Error {
  readonly place: TextPlace;
  /** The problem, as the end of a sentence that begins with the place. */
  readonly problem: string;
  /** The expected content, as a noun. */
  readonly expected: string;

  constructor(place: TextPlace, problem: string, expected: string) {
    super(problem);
    this.place = place;
    this.problem = problem;
    this.expected = expected;
  }
}
