import type pg from "pg";

/** A column of a query, with its PostgreSQL type. */
export interface PgColumn {
  readonly name: string;
  readonly type: PgType;
}

export interface PgType {
  /** For people: `numeric(10,2)`, `character varying(20)`, `shop.mood`. */
  readonly shown: string;
  /** `int4`, `text`. For user-defined types, only their names. */
  readonly name: string;
  /** True if PostgreSQL itself defines the type. */
  readonly builtIn: boolean;
  /** `b` for base types, `e` for enums, `c` for composites, `r` and `m` for ranges. */
  readonly form: string;
  /** Arrays only: the type of the elements. */
  readonly element?: PgType | undefined;
  /** Numerics only, if declared. */
  readonly digits?: { readonly precision: number; readonly scale: number } | undefined;
}

/** Returns the columns of a SELECT without running it. Domains are resolved to their base types. */
export async function columnsOf(client: pg.Client, select: string): Promise<readonly PgColumn[]> {
  const { fields } = await client.query(oneStatement(`SELECT * FROM ${select} LIMIT 0`));
  const { rows } = await client.query<TypeRow>({
    text: `SELECT f.modifier, format_type(f.type, f.modifier), t.typname::text, ns.nspname = 'pg_catalog', t.typtype::text,
        format_type(e.oid, f.modifier), e.typname::text, ens.nspname = 'pg_catalog', e.typtype::text
      FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS f(type, modifier, place)
      JOIN pg_catalog.pg_type t ON t.oid = f.type JOIN pg_catalog.pg_namespace ns ON ns.oid = t.typnamespace
      LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' LEFT JOIN pg_catalog.pg_namespace ens ON ens.oid = e.typnamespace
      ORDER BY f.place`,
    values: [fields.map(({ dataTypeID }) => dataTypeID), fields.map(({ dataTypeModifier }) => dataTypeModifier)],
    rowMode: "array",
  });
  return rows.map((row, place) => {
    const name = fields[place]?.name;
    if (name === undefined) throw new TypeError("the server gave a type for no column");
    return { name, type: typeFrom(row) };
  });
}

/** The parts of a type: first of the column, then of its elements. */
type TypeRow = [modifier: number, shown: string, name: string, builtIn: boolean, form: string, ...element: ElementRow];
type ElementRow = [shown: string, name: string, builtIn: boolean, form: string] | [null, null, null, null];

function typeFrom([modifier, shown, name, builtIn, form, ...element]: TypeRow): PgType {
  const digits = (type: string): PgType["digits"] => (type === "numeric" ? digitsOf(modifier) : undefined);
  const type = { shown, name, builtIn, form, digits: digits(name) };
  if (element[0] === null) return type;
  const [elementShown, elementName, elementBuiltIn, elementForm] = element;
  return {
    ...type,
    element: { shown: elementShown, name: elementName, builtIn: elementBuiltIn, form: elementForm, digits: digits(elementName) },
  };
}

/** Makes a statement whose rows are arrays. The extended protocol refuses text with several statements. */
export function oneStatement(text: string): pg.QueryArrayConfig & { readonly queryMode: "extended" } {
  return { text, rowMode: "array", queryMode: "extended" };
}

/** Decodes the scale. Since version 15, it has 11 bits and a sign. */
function digitsOf(modifier: number): PgType["digits"] {
  if (modifier < 4) return undefined;
  const packed = modifier - 4;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}
