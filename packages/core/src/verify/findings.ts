import type { NoteKind, ProblemKind, StoreNote, StoreProblem } from "./report.js";

/** The object that a finding concerns. */
export interface Subject {
  readonly feature: string;
  readonly version?: string | undefined;
  readonly key: string;
}

/** Collects the findings about one feature. */
export class Findings {
  readonly problems: StoreProblem[] = [];
  readonly notes: StoreNote[] = [];

  problem(kind: ProblemKind, subject: Subject, message: string, fix: string): void {
    this.problems.push({ kind, ...subject, message, fix });
  }

  note(kind: NoteKind, subject: Subject, message: string): void {
    this.notes.push({ kind, ...subject, message });
  }
}
