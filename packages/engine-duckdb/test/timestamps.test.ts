import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { isMlforgeError, type MlforgeError, type Plan, type SourceFormat, type TimeEncoding, type TimeUnit } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cell, rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { nullable, table } from "../../testkit/src/engine/plans.js";
import { DuckDBEngine } from "../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-times-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

type Texts = readonly (string | null)[];

/** The name of a new file of this format with these values in its column `at`. */
async function fileOf(kind: SourceFormat["kind"], values: Texts): Promise<string> {
  files += 1;
  const url = pathToFileURL(join(folder, `${files}.${kind}`)).href;
  if (kind === "parquet") {
    await engine.write(
      table(
        [nullable("at", "string")],
        values.map((value) => [value]),
      ),
      { url, format: "parquet" },
    );
  } else if (kind === "ndjson") await writeFile(new URL(url), values.map((at) => `${JSON.stringify({ at })}\n`).join(""));
  else await writeFile(new URL(url), `at,x\n${values.map((value) => `${value === null ? "" : `"${value}"`},1\n`).join("")}`);
  return url;
}

function scan(kind: SourceFormat["kind"], paths: readonly string[], encoding?: TimeEncoding): Plan {
  const encodings = encoding === undefined ? {} : { encodings: { at: encoding } };
  return { op: "scan", source: "times", format: { kind }, paths, columns: [nullable("at", "timestamp")], ...encodings };
}

async function read(kind: SourceFormat["kind"], values: Texts, encoding?: TimeEncoding): Promise<readonly (Cell | undefined)[]> {
  const rows = await rowsOf(engine, scan(kind, [await fileOf(kind, values)], encoding));
  return rows.map(([value]) => value);
}

/** What an error says of a value that cannot be read. */
function foundAt(text: string): RegExp {
  return new RegExp(`column "\\w+" is not a timestamp\\n {2}found: {4}"${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}"\\n {2}expected: `);
}

async function failure(reading: Promise<unknown>): Promise<MlforgeError> {
  const error = await reading.then(
    () => new Error("it was read"),
    (reason: unknown) => reason,
  );
  if (isMlforgeError(error)) return error;
  throw error;
}

const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1000n;
const format = (...formats: readonly string[]): TimeEncoding => ({ kind: "format", formats });
const noon = micros("2020-12-25T12:34:56Z");
const day = micros("2020-12-25T00:00:00Z");

/** A text and its timestamp; no other value of its column tells how it is to be read. */
const known: readonly (readonly [string, bigint])[] = [
  ["2020-12-25", day],
  ["2020-12-25T12:34:56", noon],
  ["2020-12-25 12:34:56", noon],
  ["2020-12-25T12:34:56.5", noon + 500_000n],
  ["2020-12-25T12:34:56.123456", noon + 123_456n],
  ["2020-12-25T12:34:56.123456789Z", noon + 123_456n],
  ["2020-12-25T12:34:56Z", noon],
  ["2020-12-25T12:34", noon - 56_000_000n],
  ["2020-12-25T12:34Z", noon - 56_000_000n],
  ["2020-12-25T12:34+02:00", noon - 7_256_000_000n],
  ["2020-12-25 12:34:56+02", noon - 7_200_000_000n],
  ["2020-12-25 12:34:56 -0530", noon + 19_800_000_000n],
  ["2020-12-25 12:34:56 UTC", noon],
  [" 2020-12-25T12:34:56Z ", noon],
  ["2020/12/25", day],
  ["2020/12/25 12:34:56", noon],
  ["25/12/2020", day],
  ["25/12/2020 12:34:56.5", noon + 500_000n],
  ["12/25/2020", day],
  ["12/25/2020 12:34", noon - 56_000_000n],
  ["25.12.2020", day],
  ["5.12.2020", day - 20n * 86_400_000_000n],
  ["25.12.2020 12:34:56", noon],
  ["20201225", day],
  ["Fri, 25 Dec 2020 12:34:56 +0000", noon],
  ["25 Dec 2020 12:34:56 -0100", noon + 3_600_000_000n],
  ["Fri, 25 Dec 2020 12:34:56 GMT", noon],
];

describe.each(["csv", "ndjson", "parquet"] as const)("a %s column of text that is declared a timestamp", (kind) => {
  it.each(known)("reads %j", async (text, timestamp) => {
    expect(await read(kind, [null, "", text])).toEqual([null, null, timestamp]);
  });

  it("is ambiguous where two readings fit all values", async () => {
    const error = await failure(read(kind, ["03/04/2020", null, "05/05/2020"]));
    if (!isMlforgeError(error, "TIMESTAMP_AMBIGUOUS")) throw error;
    const readings = [
      { format: "%d/%m/%Y", timestamp: "2020-04-03T00:00:00Z" },
      { format: "%m/%d/%Y", timestamp: "2020-03-04T00:00:00Z" },
    ];
    expect(error.details).toEqual({ source: "times", column: "at", value: "03/04/2020", readings });
    expect(error.message).toContain('"03/04/2020", which is 2020-04-03T00:00:00Z as %d/%m/%Y and 2020-03-04T00:00:00Z as %m/%d/%Y');
    expect(error.message).toContain('t.timestamp({ format: "%d/%m/%Y" })');
  });

  it("is read where both readings give the same timestamps", async () => {
    expect(await read(kind, ["05/05/2020", "12/12/2020 01:00"])).toEqual([micros("2020-05-05T00:00:00Z"), micros("2020-12-12T01:00:00Z")]);
  });

  it("says which values are in no known format", async () => {
    const error = await failure(read(kind, ["25-Dec-20", "yesterday"]));
    expect(error.code).toBe("SCHEMA_MISMATCH");
    expect(error.message).toContain('column "at" holds "25-Dec-20", "yesterday", not in a known timestamp format');
    expect((await failure(read(kind, ["1600000000"]))).message).toContain('t.timestamp({ unit: "s" })');
  });

  it("fails for a value that is not written as the others are", async () => {
    for (const odd of ["12/25/2020", "25/12/20", "2020-12-25", "31/02/2020", "1/1/2020 24:00", "noon"]) {
      const error = await failure(read(kind, [...Array.from({ length: 20 }, () => "25/12/2020"), odd]));
      expect(error.code).toBe("SCHEMA_MISMATCH");
      expect(error.message).toMatch(foundAt(odd));
    }
  });

  it("fails for a day that does not exist, also with a zone", async () => {
    for (const odd of ["31 Feb 2020 00:00 +0000", "30 Feb 2020 00:00:00 GMT", "1 Feb 2020 00:00 +2400"]) {
      const error = await failure(read(kind, ["28 Feb 2020 00:00 +0000", "28 Feb 2020 00:00 -1200", odd]));
      expect([error.code, error.message]).toEqual(["SCHEMA_MISMATCH", expect.stringMatching(foundAt(odd))]);
    }
  });

  it("fails for a day that does not exist among ISO 8601", async () => {
    for (const odd of ["2021-02-29", "2021-13-01", "2021-02-28T25:00:00", "infinite"]) {
      const error = await failure(read(kind, ["2021-02-28", "2021-02-27", odd]));
      expect([error.code, error.message]).toEqual(["SCHEMA_MISMATCH", expect.stringMatching(foundAt(odd))]);
    }
  });

  it("is read by a declared format, or by several", async () => {
    expect(await read(kind, ["03/04/2020", null, "3/4/2020"], format("%m/%d/%Y"))).toEqual([
      micros("2020-03-04T00:00:00Z"),
      null,
      micros("2020-03-04T00:00:00Z"),
    ]);
    const mixed = format("%d/%m/%Y", "%d/%m/%Y %I:%M %p", "%d %B %Y %H:%M %z");
    expect(await read(kind, ["03/04/2020", "03/04/2020 01:30 PM", "3 April 2020 01:00 +02:00", "3 April 2020 01:00 Z"], mixed)).toEqual([
      micros("2020-04-03T00:00:00Z"),
      micros("2020-04-03T13:30:00Z"),
      micros("2020-04-02T23:00:00Z"),
      micros("2020-04-03T01:00:00Z"),
    ]);
    const error = await failure(read(kind, ["03/04/2020", "03/04/20"], format("%m/%d/%Y")));
    expect(error.code).toBe("SCHEMA_MISMATCH");
    expect(error.message).toMatch(foundAt("03/04/20"));
    expect(error.message).toContain('expected: a time of the form "%m/%d/%Y"');
  });

  it("is read by a declared unit", async () => {
    expect(await read(kind, ["0", "-1", "1600000000", null], { kind: "epoch", unit: "s" })).toEqual([
      0n,
      -1_000_000n,
      1_600_000_000_000_000n,
      null,
    ]);
    for (const wrong of ["1.5", "253402300800", "99999999999999999999", "x"]) {
      const error = await failure(read(kind, ["1", wrong], { kind: "epoch", unit: "s" }));
      expect([wrong, error.code]).toEqual([wrong, "SCHEMA_MISMATCH"]);
      expect(error.message).toMatch(foundAt(wrong));
      expect(error.message).toContain("expected: a whole number of s since 1970");
    }
  });
});

describe("the format of a column", () => {
  const many = Array.from({ length: 30_000 }, () => "03/04/2020");

  it("is decided by a value beyond the sample", async () => {
    const found = await read("csv", [...many, "25/04/2020"]);
    expect(found.at(0)).toBe(micros("2020-04-03T00:00:00Z"));
    expect(found.at(-1)).toBe(micros("2020-04-25T00:00:00Z"));
  });

  it("is one for all files", async () => {
    const paths = [await fileOf("csv", ["03/04/2020"]), await fileOf("csv", ["25/04/2020"])];
    expect(await rowsOf(engine, scan("csv", paths))).toEqual([[micros("2020-04-03T00:00:00Z")], [micros("2020-04-25T00:00:00Z")]]);
    const mixed = [await fileOf("csv", ["25/04/2020"]), await fileOf("csv", ["04/25/2020"])];
    expect(["TIMESTAMP_AMBIGUOUS", "SCHEMA_MISMATCH"]).toContain((await failure(rowsOf(engine, scan("csv", mixed)))).code);
  });

  it("is known before rows are read", async () => {
    const plan = scan("csv", [await fileOf("csv", ["03/04/2020"])]);
    expect((await failure(engine.describe(plan))).code).toBe("TIMESTAMP_AMBIGUOUS");
  });

  it("does not matter where there is no value", async () => {
    expect(await read("csv", [null, "", "  "])).toEqual([null, null, null]);
    expect(await read("parquet", [])).toEqual([]);
  });

  it("is no part of the columns", async () => {
    const plan = scan("csv", [await fileOf("csv", ["1"])], { kind: "epoch", unit: "ms" });
    expect((await engine.describe(plan)).columns).toEqual([nullable("at", "timestamp")]);
  });
});

describe("a Parquet column", () => {
  async function integers(kind: "int32" | "int64" | "date" | "timestamp", values: Texts): Promise<string> {
    files += 1;
    const url = pathToFileURL(join(folder, `${files}.parquet`)).href;
    await engine.write(
      table(
        [nullable("at", kind)],
        values.map((value) => [value]),
      ),
      { url, format: "parquet" },
    );
    return url;
  }

  it("of days is read as their midnights", async () => {
    expect(await rowsOf(engine, scan("parquet", [await integers("date", ["2020-12-25", null])]))).toEqual([[day], [null]]);
  });

  it("of integers needs a unit", async () => {
    const error = await failure(rowsOf(engine, scan("parquet", [await integers("int64", ["1"])])));
    expect(error.code).toBe("SCHEMA_MISMATCH");
    expect(error.message).toContain('t.timestamp({ unit: "s" })');
  });

  it("of timestamps takes neither unit nor format", async () => {
    const path = await integers("timestamp", ["2020-12-25T00:00:00.000000Z"]);
    for (const encoding of [format("%Y-%m-%d"), { kind: "epoch", unit: "s" } as const]) {
      expect((await failure(rowsOf(engine, scan("parquet", [path], encoding)))).code).toBe("SCHEMA_MISMATCH");
    }
  });

  it.each(["s", "ms", "us", "ns"] as const)("of integers is counted in %s, as exact arithmetic has it", async (unit) => {
    const perSecond: Readonly<Record<TimeUnit, bigint>> = { s: 1n, ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n };
    const scale = perSecond[unit];
    const [first, last] = [-62_135_596_800n, 253_402_300_800n];
    const bounds = {
      min: first * scale > -(2n ** 63n) ? first * scale : -(2n ** 63n),
      max: last * scale < 2n ** 63n ? last * scale - 1n : 2n ** 63n - 1n,
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt(bounds), { minLength: 1, maxLength: 20 }), async (values) => {
        const path = await integers("int64", [...values, bounds.min, bounds.max, -1n].map(String));
        const expected = [...values, bounds.min, bounds.max, -1n].map((value) => {
          const scaled = value * 1_000_000n;
          return scaled / scale - (scaled % scale < 0n ? 1n : 0n);
        });
        const found = await rowsOf(engine, scan("parquet", [path], { kind: "epoch", unit }));
        expect(found.map(([value]) => value)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
    for (const beyond of [bounds.min - 1n, bounds.max + 1n].filter((value) => BigInt.asIntN(64, value) === value)) {
      const error = await failure(rowsOf(engine, scan("parquet", [await integers("int64", [`${beyond}`])], { kind: "epoch", unit })));
      expect(error.code).toBe("SCHEMA_MISMATCH");
      expect(error.message).toMatch(foundAt(`${beyond}`));
    }
  });
});

/** A day and a time of the years 1 to 9999 as JavaScript writes them, and microseconds beyond the second. */
const local = fc
  .tuple(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([seconds, fraction]) => {
    const [date = "", time = ""] = new Date(seconds * 1000).toISOString().slice(0, 19).split("T");
    const [year = "", month = "", dayOfMonth = ""] = date.split("-");
    return { seconds: BigInt(seconds), fraction, date, time, year, month, dayOfMonth };
  });
type Local = typeof local extends fc.Arbitrary<infer T> ? T : never;

const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });

function zoneText(offset: number, colon: string): string {
  const [hours, rest] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${offset < 0 ? "-" : "+"}${`${hours}`.padStart(2, "0")}${colon}${`${rest}`.padStart(2, "0")}`;
}

const padded = ({ fraction }: Local): string => `${fraction}`.padStart(6, "0");
const dayMonths = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

interface Writing {
  readonly write: (at: Local, offset: number) => string;
  readonly declared?: string;
  readonly zoned?: boolean;
  readonly fraction?: boolean;
  readonly midnight?: boolean;
}

/** Ways to write a timestamp, each found in a column of nothing else, or declared. */
const writings: readonly Writing[] = [
  { write: ({ date }) => date, midnight: true },
  { write: (at) => `${at.date}T${at.time}.${padded(at)}`, fraction: true },
  { write: (at, offset) => `${at.date} ${at.time}.${padded(at)}${zoneText(offset, ":")}`, fraction: true, zoned: true },
  { write: (at, offset) => `${at.date}T${at.time} ${zoneText(offset, "")}`, zoned: true },
  { write: ({ year, month, dayOfMonth, time }) => `${year}/${month}/${dayOfMonth} ${time}` },
  { write: (at) => `${Number(at.dayOfMonth)}.${Number(at.month)}.${at.year} ${at.time}.${padded(at)}`, fraction: true },
  { write: ({ year, month, dayOfMonth }) => `${year}${month}${dayOfMonth}`, midnight: true },
  {
    write: (at, offset) => `${at.dayOfMonth} ${dayMonths[Number(at.month) - 1]} ${at.year} ${at.time} ${zoneText(offset, "")}`,
    zoned: true,
  },
  { declared: "%d/%m/%Y %H:%M:%S.%f", write: (at) => `${at.dayOfMonth}/${at.month}/${at.year} ${at.time}.${padded(at)}`, fraction: true },
  {
    declared: "%m/%d/%Y %H:%M:%S%z",
    write: (at, offset) => `${at.month}/${at.dayOfMonth}/${at.year} ${at.time}${zoneText(offset, ":")}`,
    zoned: true,
  },
  {
    declared: "(%S %M %H) %b %d, %Y",
    write: (at) => `(${at.time.split(":").reverse().join(" ")}) ${dayMonths[Number(at.month) - 1]} ${at.dayOfMonth}, ${at.year}`,
  },
];

describe("timestamps of the years 1 to 9999", () => {
  it.each(
    writings.map(
      (writing) =>
        [
          writing.write(
            { seconds: 0n, fraction: 5, date: "2020-12-05", time: "01:02:03", year: "2020", month: "12", dayOfMonth: "05" },
            90,
          ),
          writing,
        ] as const,
    ),
  )(
    "written as %s are those of JavaScript's own arithmetic",
    async (_, { write, declared, zoned = false, fraction = false, midnight = false }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(local, minutes), { minLength: 1, maxLength: 30 }), async (timestamps) => {
          const texts = timestamps.map(([at, offset]) => write(at, offset));
          const expected = timestamps.map(([at, offset]) => {
            const seconds = midnight ? BigInt(Date.parse(`${at.date}T00:00:00Z`) / 1000) : at.seconds;
            return (seconds - (zoned ? BigInt(offset) * 60n : 0n)) * 1_000_000n + (fraction ? BigInt(at.fraction) : 0n);
          });
          expect(await read("csv", texts, declared === undefined ? undefined : format(declared))).toEqual(expected);
        }),
        { numRuns: 15 },
      );
    },
  );
});

describe("the zone of the machine", () => {
  it.each(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Chatham"])("%s does not matter", async (zone) => {
    // Days on which clocks in these zones change, with times that do not exist there or exist twice.
    const days = ["2024-03-10", "2024-11-03", "2024-03-31", "2024-10-27", "2024-09-29", "2024-04-07"];
    const texts = days.flatMap((date) =>
      ["01:30:00", "02:30:00", "02:59:59.999999", "03:00:00", "00:00:00"].map((time) => `${date} ${time}`),
    );
    const expected = texts.map((text) => micros(`${text.replace(" ", "T").slice(0, 19)}Z`) + BigInt(text.split(".")[1] ?? 0));
    const slashed = texts.map((text) => text.replace(/^(\d+)-(\d+)-(\d+)/, "$3.$2.$1"));
    for (const written of [texts, slashed, texts.map((text) => `${text}Z`)]) {
      const script = fileURLToPath(new URL("fixtures/read-times.mjs", import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, [script, await fileOf("csv", written)], {
        env: { ...process.env, TZ: zone },
      });
      expect(stdout.trim().split("\n").map(BigInt)).toEqual(expected);
    }
  });
});
