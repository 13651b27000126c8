import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type IncrementalDone, type IncrementalJob, incrementalDoneSchema, incrementalKinds } from "./incremental-job.js";
import { machineSchema, thisMachine } from "./machine.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";

const months = 36;
const steps = ["first build", "one more day", "one late file", "nothing changed", "a file rewritten with a day more"] as const;

const caseSchema = v.object({
  kind: v.picklist(incrementalKinds),
  step: v.picklist(steps),
  divided: incrementalDoneSchema,
  whole: incrementalDoneSchema,
});

const incrementalResultsSchema = v.object({ machine: machineSchema, events: v.number(), cases: v.array(caseSchema) });

export type IncrementalResults = v.InferOutput<typeof incrementalResultsSchema>;

/**
 * Builds a feature over 36 months of events that is divided into months, and the same feature that is not, after each of some changes of the sources. Each
 * build is a process of its own, and both must give the same rows.
 */
export async function benchIncremental(events: number, log: (line: string) => void): Promise<IncrementalResults> {
  const machine = thisMachine();
  const cases: IncrementalResults["cases"] = [];
  for (const kind of incrementalKinds) {
    await inScratchFolder(async (folder) => {
      const sources = join(folder, "sources");
      mkdirSync(sources);
      const write = (name: string, from: string, days: number, rows: number, first: number): Promise<unknown> =>
        runChild("sql", { statement: copyOf(join(sources, `${name}.parquet`), from, days, rows, first) });
      const perMonth = Math.ceil(events / months);
      const perDay = Math.ceil(perMonth / 30);
      for (let month = 0; month < months; month++) await write(`month-${month}`, monthOf(month), 28, perMonth, month * perMonth);
      const changes: Readonly<Record<(typeof steps)[number], () => Promise<unknown>>> = {
        "first build": async () => undefined,
        "one more day": () => write("day", monthOf(months), 1, perDay, events),
        "one late file": () => write("late", monthOf(months - 13), 1, perDay, 2 * events),
        "nothing changed": async () => undefined,
        "a file rewritten with a day more": () => write("day", monthOf(months), 2, 2 * perDay, events),
      };
      for (const step of steps) {
        await changes[step]();
        const run = async (divided: boolean): Promise<IncrementalDone> => {
          const place = join(folder, divided ? "divided" : "whole");
          mkdirSync(place, { recursive: true });
          const job: IncrementalJob = { kind, divided, source: join(sources, "*.parquet"), folder: place };
          const done = v.parse(incrementalDoneSchema, JSON.parse((await runChild("incremental", job)).output));
          log(`${kind}, ${step}, ${divided ? "by month" : "whole"}: ${Math.round(done.ms)} ms, ${Math.round(done.cpuMs)} ms of processors`);
          return done;
        };
        const [divided, whole] = [await run(true), await run(false)];
        await expectSameRows(divided.version, whole.version);
        cases.push({ kind, step, divided, whole });
      }
    });
  }
  return { machine, events, cases };
}

function monthOf(month: number): string {
  return new Date(Date.UTC(2021, month, 1)).toISOString().slice(0, 10);
}

function copyOf(path: string, from: string, days: number, rows: number, first: number): string {
  const time = `TIMESTAMPTZ '${from} 00:00:00Z' + to_microseconds(CAST(i * ${days} * 86400000000.0 / ${rows} AS BIGINT))`;
  const columns = `${first} + i AS id, CAST(hash(i) % 100000 AS BIGINT) AS "user", ${time} AS "at", CAST(hash(i + 1) % 1000 AS BIGINT) AS amount`;
  return `COPY (SELECT ${columns} FROM range(${rows}) r(i)) TO '${path}' (FORMAT parquet)`;
}

/** Compares the rows of two versions, in any order. */
async function expectSameRows(a: string | null, b: string | null): Promise<void> {
  if (a === null && b === null) return;
  const digest = async (version: string | null): Promise<string> => {
    const rows = `(SELECT hash(r) AS digest FROM (SELECT * FROM read_parquet('${version}/*.parquet')) AS r)`;
    return (await runChild("sql", { statement: `SELECT count(*) AS rows, sum(digest) AS digest FROM ${rows}` })).output;
  };
  const [ours, theirs] = [await digest(a), await digest(b)];
  if (ours !== theirs) throw new Error(`${a} and ${b} differ: ${ours} and ${theirs}`);
}
