import { MlforgeError } from "@mlforge/spec";
import { text } from "../dialect/literal.js";
import type { Session } from "../session.js";
import { readStatement, type Statement } from "./statement.js";

const most = 1_000;

/** The queries that an engine has parsed. A build compiles each of its queries several times. */
export class ParsedQueries {
  readonly #known = new Map<string, Statement>();

  /**
   * Parses a query with DuckDB's parser, as the subquery that it will be. Runs nothing.
   *
   * @throws TRANSFORM_FAILED if it is not one SELECT
   */
  async read(query: string, where: string, session: Session): Promise<Statement> {
    const known = this.#known.get(query);
    if (known !== undefined) return known;
    const serialize = `SELECT json_serialize_sql(${text(`SELECT * FROM (\n${query}\n) AS t`)}) AS tree`;
    const reader = await session.run((connection) => connection.runAndReadAll(serialize));
    const tree = String(reader.getRowsJson()[0]?.[0]);
    const problem = parseProblem(JSON.parse(tree));
    if (problem !== undefined) throw failed(where, `is not one SELECT (${problem}); write one SELECT${pivotAdvice(query)}`);
    // Alone, it must be one complete statement too. Otherwise it could close the parentheses around it. This comes second, because it opens the files of
    // an IMPORT DATABASE.
    const { count } = await session.run((connection) => connection.extractStatements(query));
    if (count !== 1) throw failed(where, `has ${count} statements; write one SELECT`);
    const statement = readStatement(tree);
    if (this.#known.size >= most) this.#known.clear();
    this.#known.set(query, statement);
    return statement;
  }
}

function parseProblem(tree: unknown): string | undefined {
  const isProblem = typeof tree === "object" && tree !== null && "error_message" in tree;
  return isProblem ? String(tree.error_message) : undefined;
}

/** DuckDB makes a statement of its own for the values of a PIVOT that lists none. */
function pivotAdvice(query: string): string {
  return /\bpivot\b/i.test(query) ? ", and list the values of a PIVOT: ON column IN ('a', 'b')" : "";
}

function failed(where: string, problem: string): MlforgeError<"TRANSFORM_FAILED"> {
  return new MlforgeError("TRANSFORM_FAILED", `${where} ${problem}`, { where });
}
