/** Everything that a SELECT reads and calls. Names are as DuckDB parses them. */
export interface Statement {
  /** The tables that are none of its own common tables. */
  readonly tables: readonly TableName[];
  readonly tableFunctions: readonly string[];
  readonly functions: readonly { readonly name: string; readonly count: number }[];
  /** The columns written without a table. */
  readonly columns: readonly string[];
  /** True if it reads a random sample of rows. */
  readonly samples: boolean;
  /** True if it names the type TIMETZ. */
  readonly zonedTimes: boolean;
  /** The parts that this version does not know. */
  readonly unknown: readonly string[];
}

interface TableName {
  readonly name: string;
  /** The catalog and the schema. Empty if the name stands alone. */
  readonly qualifiers: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Common tables by their folded names. */
type Scope = ReadonlySet<string>;
type Visit = (child: unknown, scope: Scope) => void;

/** An object of the tree. Its fields are checked where they are read. */
interface Node {
  readonly [field: string]: unknown;
}

const nodeTypes = new Set(["SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"]);
const tableTypes = new Set(["BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT", "SHOW_REF"]);

/** Reads the tree of a statement, as `json_serialize_sql` writes it. Throws a TypeError for anything else. */
export function readStatement(json: string): Statement {
  const found: Mutable<Statement> = {
    tables: [],
    tableFunctions: [],
    functions: [],
    columns: [],
    samples: false,
    zonedTimes: false,
    unknown: [],
  };
  const parsed: unknown = JSON.parse(json);
  if (!isNode(parsed) || parsed.error !== false) throw new TypeError("duckdb wrote a tree without a statement");
  // A list instead of recursion: a chain of a thousand UNIONs is a tree of that depth.
  const pending: [unknown, Scope][] = [[parsed.statements, new Set()]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, scope] = next;
    const visit: Visit = (child, within) => pending.push([child, within]);
    if (Array.isArray(value)) for (const child of value) visit(child, scope);
    else if (isNode(value)) readNode(value, scope, found, visit);
  }
  return found;
}

function readNode(node: Node, scope: Scope, found: Mutable<Statement>, visit: Visit): void {
  if ("cte_map" in node) {
    readQuery(node, scope, found, visit);
    return;
  }
  if (isNode(node.sample)) found.samples = true;
  if (node.id === "TIME WITH TIME ZONE") found.zonedTimes = true;
  if (typeof node.function_name === "string") {
    found.functions.push({ name: node.function_name, count: Array.isArray(node.children) ? node.children.length : 0 });
  } else if (node.class === "COLUMN_REF") {
    const names = node.column_names;
    if (Array.isArray(names) && names.length === 1) found.columns.push(String(names[0]));
  } else if ("alias" in node && "sample" in node) {
    readTable(node, scope, found, visit);
    return;
  }
  for (const child of Object.values(node)) visit(child, scope);
}

function readTable(node: Node, scope: Scope, found: Mutable<Statement>, visit: Visit): void {
  const type = String(node.type);
  const { function: called, ...others } = node;
  if (!tableTypes.has(type)) found.unknown.push(type);
  else if (type === "BASE_TABLE") {
    const name = String(node.table_name);
    const qualifiers = [node.catalog_name, node.schema_name].map(String).filter((text) => text !== "");
    // In a recursive common table with a key, `recurring.name` is all rows of the table so far.
    const isOwn = qualifiers.length === 0 || (qualifiers.length === 1 && folded(qualifiers.join()) === "recurring");
    if (!isOwn || !scope.has(folded(name))) found.tables.push({ name, qualifiers });
  } else if (type === "SHOW_REF" && node.query === null) found.unknown.push("SHOW");
  // Its columns q25, q50, and q75 are approximate quantiles.
  else if (type === "SHOW_REF" && node.show_type === "SUMMARY") found.functions.push({ name: "SUMMARIZE", count: 0 });
  else if (type === "TABLE_FUNCTION") {
    if (isNode(called) && typeof called.function_name === "string") found.tableFunctions.push(called.function_name);
    else found.unknown.push(type);
    visit(isNode(called) ? Object.values(called) : called, scope);
  }
  for (const child of Object.values(others)) visit(child, scope);
}

/** Visits the parts of a query with the common tables that DuckDB finds there: the earlier ones, and in a recursive one itself. */
function readQuery(node: Node, outer: Scope, found: Mutable<Statement>, visit: Visit): void {
  const { cte_map: tables, cte_name: own, left, right, ...others } = node;
  const type = String(node.type);
  if (!nodeTypes.has(type)) found.unknown.push(type);
  if (isNode(node.sample)) found.samples = true;
  const entries = isNode(tables) ? tables.map : undefined;
  if (!Array.isArray(entries)) throw new TypeError("duckdb wrote a query without its common tables");
  let scope = outer;
  for (const entry of entries) {
    if (!isNode(entry) || typeof entry.key !== "string") throw new TypeError("duckdb wrote a common table without a name");
    visit(entry.value, scope);
    scope = new Set([...scope, folded(entry.key)]);
  }
  visit(left, scope);
  visit(right, typeof own === "string" ? new Set([...scope, folded(own)]) : scope);
  visit(Object.values(others), scope);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Folds a name as DuckDB compares names: it ignores the case of ASCII letters only. */
export function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
