import type { NoteKind, ProblemKind, StoreNote, StoreProblem } from "./report.js";

/** What a finding is about. */
export interface Subject {
  readonly feature: string;
  readonly version?: string | undefined;
  readonly key: string;
}

/** Collects what is found of one feature. */
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
