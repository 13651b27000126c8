import { createHash } from "node:crypto";
import { type memoryDatabase, textOf } from "../../src/connector/memory-database.js";

type Mistakes = NonNullable<Parameters<typeof memoryDatabase>[0]>;

/** A connector with one mistake, and the law that finds it. */
export interface BrokenConnector {
  readonly mistake: string;
  readonly breaks: string;
  readonly changed: Mistakes;
}

const exact = "every value arrives exactly, and null stays null";
const different = "different rows have different fingerprints";

export const brokenConnectors: readonly BrokenConnector[] = [
  { mistake: "drops a row", breaks: exact, changed: { written: (rows) => rows.slice(0, -1) } },
  { mistake: "writes a row twice", breaks: exact, changed: { written: (rows) => [...rows, ...rows.slice(0, 1)] } },
  { mistake: "tells more rows than it wrote", breaks: "a read returns the number of rows it wrote", changed: { told: (rows) => rows + 1 } },
  { mistake: "always tells the same number of rows", breaks: "a read returns the number of rows it wrote", changed: { told: () => 40 } },
  {
    mistake: "writes null as empty text",
    breaks: "null and the empty string stay different, even in a single column, and every row arrives",
    changed: { field: (value) => `"${(value ?? "").replaceAll('"', '""')}"` },
  },
  {
    mistake: "sends decimals through a double",
    breaks: exact,
    changed: { text: (row, column) => (column === "amount" && row.amount !== null ? Number(row.amount).toFixed(4) : textOf(row, column)) },
  },
  {
    mistake: "cuts timestamps to milliseconds",
    breaks: exact,
    changed: {
      text: (row, column) =>
        textOf(
          column === "timestamp" && row.timestamp !== null ? { ...row, timestamp: row.timestamp - (row.timestamp % 1000n) } : row,
          column,
        ),
    },
  },
  {
    mistake: "hashes rows in the order it meets them",
    breaks: "equal rows have equal fingerprints, in any order",
    changed: { digest: (lines) => hash(lines.join("")) },
  },
  {
    mistake: "takes rows that are there twice for one",
    breaks: different,
    changed: { digest: (lines) => [...new Set(lines)].sort().map(hash).join(" ") },
  },
  { mistake: "counts rows in place of hashing them", breaks: different, changed: { digest: (lines) => String(lines.length) } },
  {
    mistake: "hashes null as it hashes empty text",
    breaks: different,
    changed: {
      digest: (lines) =>
        lines
          .map((line) => hash(line.replaceAll('""', "")))
          .sort()
          .join(" "),
    },
  },
  {
    mistake: "reads the rows of a later time than it hashed",
    breaks: "the rows and the fingerprint of a read come from one snapshot",
    changed: {
      snapshots: async (take) => {
        const hashed = take();
        await new Promise(setImmediate);
        return [hashed, take()];
      },
    },
  },
  {
    mistake: "does not look for missing columns",
    breaks: "declared columns that are missing or of another kind are problems, and cannot be read",
    changed: { problems: () => [] },
  },
  { mistake: "ignores signals", breaks: "every call with an aborted signal rejects with the signal's reason", changed: { listens: false } },
  {
    mistake: "reads on after an abort",
    breaks: "an aborted read rejects with the reason, after the database has stopped working on it",
    changed: { listensWhileReading: false },
  },
  {
    mistake: "leaves the query running in the database after an abort",
    breaks: "an aborted read rejects with the reason, after the database has stopped working on it",
    changed: { cancels: false },
  },
  {
    mistake: "keeps the password in the cause of an error",
    breaks: "no secret is in the results, properties, errors or causes of errors of a connector",
    changed: { refusal: (password) => Object.assign(new Error("refused"), { config: { password } }) },
  },
];

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
