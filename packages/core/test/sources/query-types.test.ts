import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { postgres } from "@mlforge/source-postgres";
import type { Column, Columns, Connector } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Definitions, feature, type RowValue, source, t } from "../../src/index.js";

/** A type of PostgreSQL, values of it as literals, and what a row must hold for the server's own text of a value. */
interface Case {
  readonly type: string;
  readonly literals: fc.Arbitrary<string>;
  /** Declared, where it is not found. */
  readonly column?: Column;
  /** The server's expression whose text is compared, with `v` for the value. Defaults to its cast to text. */
  readonly oracle?: string;
  /** The text of what a row holds. */
  readonly shown: (value: Exclude<RowValue, null>) => string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** Text without NUL, which no text of the server holds, nor lone surrogates, which no UTF-8 does. */
const anyText = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\0", ""));
const hard = fc.constantFrom("", " ", '"', "\\.", "\\N", "NULL", "a,b", "\n", "\r", "\r\n", "#x", "\t", "NaN", "null", "﻿", '"",\n');
const integers = (bits: number): fc.Arbitrary<string> =>
  fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }).map((value) => quoted(String(value)));
const decimals = (digits: number, scale: number): fc.Arbitrary<string> =>
  fc.bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n }).map((value) => quoted(`${value}e-${scale}`));
const microseconds = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
const timestamps = microseconds.map(
  (value) => `(timestamptz 'epoch' + ${value / 1_000_000n} * interval '1 s' + ${value % 1_000_000n} * interval '1 us')`,
);
const days = fc.integer({ min: -719_162, max: 2_932_896 }).map((value) => `(date '1970-01-01' + ${value})`);
const floats = fc.oneof(
  fc.double({ noNaN: true }).map(String),
  fc.constantFrom("NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e308"),
);
const singles = fc.oneof(fc.float({ noNaN: true }).map(String), fc.constantFrom("NaN", "Infinity", "-0", "1e-45"));
const json = fc
  .json({ noUnicodeString: true, maxDepth: 2 })
  .filter((text) => !text.includes("\\u0000"))
  .map(quoted);
const plain = (value: Exclude<RowValue, null>): string => String(value);
const hex = (value: Exclude<RowValue, null>): string => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : "no bytes");

const cases: readonly Case[] = [
  { type: "bool", literals: fc.constantFrom("true", "false"), shown: plain },
  { type: "int2", literals: integers(16), shown: plain },
  { type: "int4", literals: integers(32), shown: plain },
  { type: "int8", literals: integers(64), shown: plain },
  { type: "int8", literals: integers(32), column: t.int32(), shown: plain },
  { type: "int4", literals: integers(32), column: t.decimal(12, 2), oracle: "v::numeric(12, 2)::text", shown: plain },
  { type: "numeric(38, 19)", literals: decimals(38, 19), shown: plain },
  { type: "numeric(5, 0)", literals: decimals(5, 0), shown: plain },
  { type: "numeric(3, 5)", literals: decimals(3, 5), shown: plain },
  { type: "numeric(3, -2)", literals: fc.integer({ min: -999, max: 999 }).map((value) => quoted(String(value * 100))), shown: plain },
  { type: "numeric", literals: decimals(18, 4), column: t.decimal(18, 4), oracle: "v::numeric(18, 4)::text", shown: plain },
  { type: "numeric", literals: integers(64), column: t.int64(), shown: plain },
  { type: "float8", literals: floats.map(quoted), oracle: "encode(float8send(v), 'hex')", shown: (value) => floatHex(value, 8) },
  { type: "float4", literals: singles.map(quoted), oracle: "encode(float4send(v), 'hex')", shown: (value) => floatHex(value, 4) },
  {
    type: "float4",
    literals: singles.map(quoted),
    column: t.float64(),
    oracle: "encode(float8send(v::float8), 'hex')",
    shown: (value) => floatHex(value, 8),
  },
  { type: "text", literals: fc.oneof(anyText, hard).map(quoted), shown: plain },
  {
    type: "varchar(20)",
    literals: fc.oneof(hard, fc.string({ maxLength: 10 })).map((text) => quoted(text.replaceAll("\0", ""))),
    shown: plain,
  },
  { type: "char(8)", literals: fc.constantFrom("''", "'a'", "' b '", "'12345678'"), shown: plain },
  { type: "name", literals: fc.constantFrom("'a'", "'b c'"), shown: plain },
  { type: '"char"', literals: fc.constantFrom("'a'", "'\"'", "''"), shown: plain },
  { type: "uuid", literals: fc.uuid().map(quoted), shown: plain },
  { type: "mood", literals: fc.constantFrom("'sad'", "'o,k'", "'\"'"), shown: plain },
  { type: "cents", literals: decimals(6, 2), shown: plain },
  {
    type: "bytea",
    literals: fc.uint8Array({ maxLength: 200 }).map((bytes) => `'\\x${Buffer.from(bytes).toString("hex")}'::bytea`),
    oracle: "encode(v, 'hex')",
    shown: hex,
  },
  { type: "timestamptz", literals: timestamps, oracle: "(extract(epoch from v) * 1000000)::numeric(38, 0)::text", shown: plain },
  {
    type: "timestamp",
    literals: timestamps.map((value) => `${value} at time zone 'UTC'`),
    oracle: "(extract(epoch from v) * 1000000)::numeric(38, 0)::text",
    shown: plain,
  },
  {
    type: "date",
    literals: days,
    oracle: "(extract(epoch from v) * 1000)::numeric(38, 0)::text",
    shown: (value) => (value instanceof Date ? String(value.getTime()) : "no day"),
  },
  { type: "int8", literals: integers(36), column: t.timestamp({ unit: "s" }), oracle: "(v * 1000000)::text", shown: plain },
  {
    type: "text",
    literals: days.map((value) => `to_char(${value}, 'DD/MM/YYYY')`).filter((value) => !value.includes("+ -")),
    column: t.timestamp({ format: "%d/%m/%Y" }),
    oracle: "(extract(epoch from to_date(v, 'DD/MM/YYYY')) * 1000000)::numeric(38, 0)::text",
    shown: plain,
  },
  {
    type: "jsonb",
    literals: fc
      .json({ noUnicodeString: true, maxDepth: 2 })
      .filter((json) => !json.includes("\\u0000"))
      .map(quoted),
    column: t.string(),
    shown: plain,
  },
  { type: "json", literals: json, shown: plain },
  { type: "jsonb", literals: json, shown: plain },
  {
    type: "time",
    literals: fc.constantFrom("'00:00'", "'23:59:59.999999'", "'12:30:00.5'"),
    oracle: "to_char(v, 'HH24:MI:SS.US')",
    shown: plain,
  },
  {
    type: "float4[]",
    literals: fc
      .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 })
      .map((each) => `'{${each.join(",")}}'`),
    column: t.vector(3, "float32"),
    oracle: "(select string_agg(encode(float4send(x), 'hex'), ' ' order by o) from unnest(v) with ordinality u(x, o))",
    shown: (value) => (value instanceof Float32Array ? [...value].map((each) => floatHex(each, 4)).join(" ") : "no vector"),
  },
  { type: "int4[]", literals: fc.constantFrom("'{}'", "'{1,null,-3}'", "'{{1},{2}}'"), column: t.string(), shown: plain },
  { type: "interval", literals: fc.constantFrom("'1 mon 2 days 03:04:05.6'", "'0'"), column: t.string(), oracle: "v::text", shown: plain },
  { type: "inet", literals: fc.constantFrom("'10.0.0.1'", "'::1/64'"), column: t.string(), shown: plain },
  { type: "time", literals: fc.constantFrom("'00:00'", "'23:59:59.999999'", "'24:00'"), column: t.string(), shown: plain },
];

/** Elements of an array, joined in a way that no value of the test has. */
function list(
  type: string,
  literals: fc.Arbitrary<string>,
  of: { readonly column?: Column; readonly oracle?: string; readonly shown: Case["shown"] },
): Case {
  const arrays = fc
    .array(fc.option(literals, { freq: 5 }), { maxLength: 5 })
    .map((elements) => `array[${elements.map((each) => (each === null ? "null" : `(${each})::${type}`)).join(", ")}]`);
  const element = (of.oracle ?? "x::text").replaceAll(/\bv\b/g, "x");
  return {
    type: `${type}[]`,
    literals: arrays,
    ...(of.column === undefined ? {} : { column: of.column }),
    oracle: `case when v is not null then coalesce((select string_agg(coalesce(${element}, '<null>'), '<and>' order by o) from unnest(v) with ordinality u(x, o)), '') end`,
    shown: (value) => (Array.isArray(value) ? value.map((each) => (each === null ? "<null>" : of.shown(each))).join("<and>") : "no list"),
  };
}

const lists: readonly Case[] = [
  list("int4", integers(32), { shown: plain }),
  list("int8", integers(64), { shown: plain }),
  list("bool", fc.constantFrom("true", "false"), { shown: plain }),
  list("numeric(30, 10)", decimals(30, 10), { shown: plain }),
  list("numeric", decimals(20, 4), { column: t.list(t.decimal(20, 4)), oracle: "v::numeric(20, 4)::text", shown: plain }),
  list("float8", floats.map(quoted), { oracle: "encode(float8send(v), 'hex')", shown: (value) => floatHex(value, 8) }),
  list("float4", singles.map(quoted), { oracle: "encode(float4send(v), 'hex')", shown: (value) => floatHex(value, 4) }),
  list("float4", singles.map(quoted), {
    column: t.list(t.float64()),
    oracle: "encode(float8send(v::float8), 'hex')",
    shown: (value) => floatHex(value, 8),
  }),
  list(
    "text",
    fc.oneof(anyText, hard).map((text) => quoted(text.replaceAll("\u0001", ""))),
    { shown: plain },
  ),
  list("uuid", fc.uuid().map(quoted), { shown: plain }),
  list("mood", fc.constantFrom("'sad'", "'o,k'", "'\"'"), { shown: plain }),
  list("date", days, {
    oracle: "(extract(epoch from v) * 1000)::numeric(38, 0)::text",
    shown: (value) => (value instanceof Date ? String(value.getTime()) : "no day"),
  }),
  list("timestamptz", timestamps, { oracle: "(extract(epoch from v) * 1000000)::numeric(38, 0)::text", shown: plain }),
  list("time", fc.constantFrom("'00:00'", "'23:59:59.999999'", "'12:30:00.5'"), { oracle: "to_char(v, 'HH24:MI:SS.US')", shown: plain }),
];

function floatHex(value: Exclude<RowValue, null>, bytes: 4 | 8): string {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeDoubleBE(Number(value));
  else buffer.writeFloatBE(Number(value));
  // All NaNs are one value.
  return Number.isNaN(Number(value)) ? (bytes === 8 ? "7ff8000000000000" : "7fc00000") : buffer.toString("hex");
}

function textOf({ shown }: Case, value: RowValue): string | null {
  return value === null ? null : shown(value);
}

describeWith("postgres", "values of PostgreSQL", () => {
  const engine = new DuckDBEngine({ threads: 1 });
  let server: Postgres;
  let folder: string;
  let connector: Connector;
  let made = 0;

  beforeAll(async () => {
    server = await startPostgres({
      settings: { timezone: "Asia/Kolkata", datestyle: "German, DMY", extra_float_digits: "0", intervalstyle: "postgres_verbose" },
    });
    server.psql(`create type mood as enum ('sad', 'o,k', '"'); create domain cents as numeric(6, 2)`);
    folder = await mkdtemp(join(tmpdir(), "mlforge-types-"));
    const { host, port, user, password, database } = server;
    connector = postgres({ host, port, user, password, database });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** The rows of a table, in the order of their places, as a built feature gives them. */
  async function rowsOf(table: string, columns?: Columns): Promise<readonly Readonly<Record<string, RowValue>>[]> {
    const read = source({ name: "rows", connector, table, columns });
    const offlineStore = new LocalStore(join(folder, table));
    const features = [feature({ name: "rows", source: read, keys: ["place"] })];
    const defs = new Definitions({ name: "types", features, offlineStore, engine, cache: { path: join(folder, "cache") } });
    const { failed } = await defs.build();
    if (failed[0] !== undefined) throw failed[0].error;
    const rows: Record<string, RowValue>[] = [];
    const options = { int64: "bigint", timestamp: "microseconds" } as const;
    for await (const row of (await defs.readFeature("rows", { version: "latest" })).rows(options)) rows.push(row);
    return rows;
  }

  const found = [...cases, ...lists].filter(({ column }) => column === undefined);
  const declared = [...cases, ...lists].filter(({ column }) => column !== undefined);

  it.each([
    ["found", found],
    ["declared", declared],
  ] as const)("are exact in columns that are %s, whatever the settings of the server", async (how, chosen) => {
    /** For each case as many values as there are rows. */
    const tables = fc
      .integer({ min: 1, max: 150 })
      .chain((count) =>
        fc.tuple(...chosen.map(({ literals }) => fc.array(fc.option(literals, { freq: 6 }), { minLength: count, maxLength: count }))),
      );
    const columns = Object.fromEntries(chosen.map(({ column }, index) => [`v${index}`, column ?? t.string()]));
    await fc.assert(
      fc.asyncProperty(tables, async (values) => {
        const table = `values_${made++}`;
        const rows = (values[0] ?? []).map(
          (_, place) => `(${[place, ...chosen.map(({ type }, index) => `(${values[index]?.[place] ?? "null"})::${type}`)].join(", ")})`,
        );
        const types = chosen.map(({ type }, index) => `v${index} ${type}`);
        server.psql(`create table ${table} (place int, ${types.join(", ")}); insert into ${table} values ${rows.join(", ")}`);
        const shown = chosen.map(({ oracle = "v::text" }, index) => oracle.replaceAll(/\bv\b/g, `v${index}`));
        const settings = "set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'iso_8601'; set extra_float_digits = 1";
        const told = server.psql(`${settings}; select json_agg(json_build_array(${shown.join(", ")}) order by place) from ${table}`);
        const read = await rowsOf(table, how === "found" ? undefined : { place: t.int32(), ...columns });
        expect(read.map((row) => chosen.map((each, index) => textOf(each, row[`v${index}`] ?? null)))).toEqual(JSON.parse(told));
      }),
      { numRuns: 5 },
    );
  });

  it.each([
    ["numeric", "'NaN'", t.decimal(10, 2)],
    ["numeric", "'Infinity'", t.decimal(10, 2)],
    ["numeric(10, 2)", "'NaN'", undefined],
    ["numeric", "1.005", t.decimal(10, 2)],
    ["numeric", "12345678901", t.decimal(10, 2)],
    ["numeric", "1.5", t.int64()],
    ["int8", "2147483648", t.int32()],
    ["numeric", "9223372036854775808", t.int64()],
    ["timestamptz", "'infinity'", undefined],
    ["timestamptz", "'-infinity'", undefined],
    ["timestamp", "'0044-03-15 12:00 BC'", undefined],
    ["timestamp", "'10000-01-01'", undefined],
    ["date", "'infinity'", undefined],
    ["date", "'0044-03-15 BC'", undefined],
    ["date", "'10000-01-01'", undefined],
    ["time", "'24:00'", undefined],
    ["int4[]", "'{{1},{2}}'", undefined],
    ["text[]", "'{{a},{b}}'", undefined],
    ["date[]", "'{infinity,2024-01-01}'", undefined],
    ["timestamptz[]", "'{2024-01-01,null,infinity}'", undefined],
    ["timestamp[]", "'{10000-01-01}'", undefined],
    ["numeric[]", "'{1.005}'", t.list(t.decimal(10, 2))],
    ["numeric(10, 2)[]", "'{NaN}'", undefined],
    ["float4[]", "'{1,2}'", t.vector(3, "float32")],
    ["float4[]", "'{1,2,null}'", t.vector(3, "float32")],
  ])("of %s are refused where they are %s and no kind holds them", async (type, literal, column) => {
    const table = `refused_${made++}`;
    server.psql(`create table ${table} (place int, value ${type}); insert into ${table} values (1, null), (2, ${literal})`);
    const error = await rowsOf(table, column === undefined ? undefined : { place: t.int32(), value: column }).then(
      (rows) => rows,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: "MlforgeError" });
    expect(String(error)).toContain('"value"');
  });

  it("of a million characters come back", async () => {
    server.psql(
      "create table long_values (place int, value text); insert into long_values values (1, repeat('a\"é,' || E'\\n', 600000)), (2, 'b')",
    );
    const [long, short] = await rowsOf("long_values");
    expect([long?.value === 'a"é,\n'.repeat(600_000), short?.value]).toEqual([true, "b"]);
  });

  it("of a database in another encoding come as UTF-8", async () => {
    server.psql("create database latin encoding 'LATIN1' locale 'C' template template0");
    const { host, port, user, password } = server;
    const latin = postgres({ host, port, user, password, database: "latin" });
    const query = "select chr(233) || chr(223) as value, 1 as place";
    const features = [feature({ name: "rows", source: source({ name: "latin", connector: latin, query }), keys: ["place"] })];
    const defs = new Definitions({
      name: "types",
      features,
      offlineStore: new LocalStore(join(folder, "latin")),
      engine,
      cache: { path: join(folder, "cache") },
    });
    expect((await defs.preview("rows")).rows).toEqual([{ value: "éß", place: 1 }]);
  });
});
