/** Prints the rows that a statement gives, as JSON. */
import { DuckDBInstance } from "@duckdb/node-api";
import * as v from "valibot";

const { statement } = v.parse(v.object({ statement: v.string() }), JSON.parse(process.argv[2] ?? ""));
const connection = await (await DuckDBInstance.create()).connect();
const reader = await connection.runAndReadAll(statement);
console.log(JSON.stringify(reader.getRowObjectsJson()));
