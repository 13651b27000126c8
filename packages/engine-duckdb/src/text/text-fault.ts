/** Where a text file is wrong. Offsets are bytes of the file once it is decompressed and is UTF-8. */
export interface TextPlace {
  /** From 1. */
  readonly line: number;
  /** Where the line begins. */
  readonly lineStart: number;
  /** Where the fault is; at or after `lineStart`. */
  readonly at: number;
}

/** A text file that does not say what its rows are. */
export class TextFault extends Error {
  readonly place: TextPlace;
  /** What is wrong there, as the end of a sentence that begins with the place. */
  readonly problem: string;
  /** What was expected instead, as a noun. */
  readonly expected: string;

  constructor(place: TextPlace, problem: string, expected: string) {
    super(problem);
    this.place = place;
    this.problem = problem;
    this.expected = expected;
  }
}
