import type { Examined } from "./examine-document.js";
import type { Findings, Subject } from "./findings.js";
import type { ProblemKind } from "./report.js";
import { unreadableFix } from "./unreadable.js";

/** How to report a document that is not as it was written. */
interface Broken {
  readonly kind: ProblemKind;
  readonly fix: string;
}

/** Returns a document that can be used, or that is gone. Reports any other and returns undefined. */
export function usableDocument<T>(
  examined: Examined<T>,
  subject: Subject,
  broken: Broken,
  findings: Findings,
): Exclude<Examined<T>, { readonly reason: string }> | undefined {
  switch (examined.kind) {
    case "newer":
      findings.problem("layout-unsupported", subject, examined.reason, "Upgrade mlforge and verify again: mlforge verify");
      return undefined;
    case "unreadable":
      findings.problem("unreadable", subject, examined.reason, unreadableFix);
      return undefined;
    case "broken":
      findings.problem(broken.kind, subject, examined.reason, broken.fix);
      return undefined;
    default:
      return examined;
  }
}
