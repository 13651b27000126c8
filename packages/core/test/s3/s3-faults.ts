import type { Fault } from "@mlforge/testkit/http";

/** What S3, or what lies between, does to requests that were right; each before or after it was carried out. */
export const s3Faults: readonly Fault[] = [
  { kind: "status", status: 500, code: "InternalError", when: "before" },
  { kind: "status", status: 500, code: "InternalError", when: "after" },
  { kind: "status", status: 503, code: "SlowDown", when: "before" },
  { kind: "status", status: 503, code: "SlowDown", when: "after" },
  { kind: "status", status: 409, code: "ConditionalRequestConflict", when: "before" },
  { kind: "timeout", when: "before" },
  { kind: "timeout", when: "after" },
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "reset", when: "midBody" },
  { kind: "truncate", bytes: 20 },
];
