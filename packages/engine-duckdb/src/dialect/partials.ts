import { findColumn, type RollingFunction, type RollingOutput, type Schema, typeOfAggregate } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { exactTotal } from "./functions.js";
import { conform } from "./literal.js";
import { deviation } from "./stddev.js";

/** A partial aggregate: what a tile keeps, and how a frame merges its tiles. */
type Part = "count" | "total" | "least" | "greatest" | "mean" | "spread" | "odd" | "values" | "distance" | "distance2";

const partsOf: Readonly<Record<RollingFunction, readonly Part[]>> = {
  count: ["count"],
  sum: ["total"],
  mean: ["count", "total"],
  min: ["least"],
  max: ["greatest"],
  std: ["count", "least", "greatest", "mean", "spread", "odd", "distance", "distance2"],
  median: ["values"],
};

/** Aggregates over the values `x` of a tile. `finite` is the condition that a value is finite. Distances to the pivot belong to a frame, not to a tile. */
const tileOf: Readonly<Partial<Record<Part, (x: string, finite: string) => string>>> = {
  count: (x) => `count(${x})`,
  total: (x) => `sum(${x})`,
  least: (x) => `min(${x})`,
  greatest: (x) => `max(${x})`,
  mean: (x, finite) => `avg(CAST(${x} AS DOUBLE)) FILTER (WHERE ${finite})`,
  spread: (x, finite) => `var_pop(CAST(${x} AS DOUBLE)) FILTER (WHERE ${finite}) * count(${x})`,
  odd: (_, finite) => `bool_or(NOT ${finite})`,
  values: (x) => `list(CAST(${x} AS DOUBLE)) FILTER (WHERE ${x} IS NOT NULL)`,
};

/** Aggregates over the tiles of a frame. `p` names a part of a tile. */
const mergedOf: Readonly<Partial<Record<Part, (p: (part: Part | "pivot") => string, frame: string) => string>>> = {
  count: (p, frame) => `sum(${p("count")}) OVER ${frame}`,
  total: (p, frame) => `sum(${p("total")}) OVER ${frame}`,
  least: (p, frame) => `min(${p("least")}) OVER ${frame}`,
  greatest: (p, frame) => `max(${p("greatest")}) OVER ${frame}`,
  spread: (p, frame) => `sum(${p("spread")}) OVER ${frame}`,
  odd: (p, frame) => `bool_or(${p("odd")}) OVER ${frame}`,
  values: (p, frame) => `list(${p("values")}) FILTER (WHERE ${p("values")} IS NOT NULL) OVER ${frame}`,
  distance: (p, frame) => `sum(${p("count")} * (${p("mean")} - ${p("pivot")})) OVER ${frame}`,
  distance2: (p, frame) => `sum(${p("count")} * (${p("mean")} - ${p("pivot")}) ** 2) OVER ${frame}`,
};

interface PartialColumn {
  readonly every: string;
  readonly column: string;
  /** The prefix of the names of its parts, and the name of the values, because users' names could clash with other columns. */
  readonly prefix: string;
  readonly parts: ReadonlySet<Part>;
  /** The columns that its tiles keep. */
  readonly tile: readonly string[];
}

/** The partial aggregates behind rolling outputs. Each is kept and merged once, even if several outputs need it. */
export class Partials {
  readonly periods: readonly { readonly every: string; readonly tiles: string }[];
  readonly windows: readonly { readonly window: string; readonly name: string }[];
  readonly #outputs: readonly RollingOutput[];
  readonly #schema: Schema;
  readonly #columns: readonly PartialColumn[];

  constructor(outputs: readonly RollingOutput[], schema: Schema) {
    this.#outputs = outputs;
    this.#schema = schema;
    this.periods = [...new Set(outputs.map(({ every }) => every))].map((every, index) => ({ every, tiles: `tiles${index}` }));
    this.windows = [...new Set(outputs.map(({ window }) => window))].map((window, index) => ({ window, name: `w${index}` }));
    this.#columns = this.periods.flatMap(({ every }, period) => {
      const names = [...new Set(outputs.filter((output) => output.every === every).map(({ column }) => column))];
      return names.map((column, index) => this.#column(every, column, `p${period}_${index}`));
    });
  }

  /** Returns the columns kept in tiles of a length. */
  of(every: string): readonly PartialColumn[] {
    return this.#columns.filter((column) => column.every === every);
  }

  windowsOf(every: string): readonly string[] {
    return [...new Set(this.#outputs.filter((output) => output.every === every).map(({ window }) => window))];
  }

  tilesOf({ every }: RollingOutput): string {
    return this.periods.find((period) => period.every === every)?.tiles ?? "";
  }

  /** Returns the names of everything that tiles keep. */
  get names(): readonly string[] {
    return this.#columns.flatMap(({ prefix, parts }) => [...parts].filter((part) => part in tileOf).map((part) => `${prefix}_${part}`));
  }

  /** Returns the means used as pivots of standard deviations, and the names of the pivots. */
  get pivots(): readonly { readonly mean: string; readonly pivot: string }[] {
    const needing = this.#columns.filter(({ parts }) => parts.has("distance"));
    return needing.map(({ prefix }) => ({ mean: `${prefix}_mean`, pivot: `${prefix}_pivot` }));
  }

  /** Returns the columns that the frames merge. */
  get merged(): readonly string[] {
    const columns = this.#outputs.flatMap((output) =>
      partsOf[output.function].flatMap((part) => {
        const merge = mergedOf[part];
        return merge === undefined
          ? []
          : [`${merge((name) => this.tile(output, name), this.#frame(output))} AS ${this.frame(output, part)}`];
      }),
    );
    return [...new Set(columns)];
  }

  /** Returns the name of a part of a tile. */
  tile(output: RollingOutput, part: Part | "pivot"): string {
    const { prefix } = this.#columns.find(({ every, column }) => every === output.every && column === output.column) ?? { prefix: "" };
    return `${prefix}_${part}`;
  }

  /** Returns the name of a merged part of the frame of an output. */
  frame(output: RollingOutput, part: Part): string {
    return `${this.tile(output, part)}_${this.#frame(output)}`;
  }

  /** Returns the value of an output, in exactly its kind. */
  output(output: RollingOutput): string {
    const { column, function: aggregate } = output;
    return conform(this.#value(output), typeOfAggregate({ function: aggregate, input: { expr: "column", name: column } }, this.#schema));
  }

  #value(output: RollingOutput): string {
    const part = (name: Part): string => `f.${this.frame(output, name)}`;
    switch (output.function) {
      case "count":
        return `coalesce(${part("count")}, 0)`;
      case "sum":
        return exactTotal(part("total"), findColumn(output.column, this.#schema));
      case "mean":
        return `(CAST(${part("total")} AS DOUBLE) / ${part("count")})`;
      case "min":
        return part("least");
      case "max":
        return part("greatest");
      case "std":
        return deviation(output, this);
      case "median":
        return `list_median(flatten(${part("values")}))`;
    }
  }

  #frame({ window }: RollingOutput): string {
    return this.windows.find((each) => each.window === window)?.name ?? "";
  }

  #column(every: string, column: string, prefix: string): PartialColumn {
    const parts = new Set(
      this.#outputs.flatMap((output) => (output.every === every && output.column === column ? partsOf[output.function] : [])),
    );
    const finite = finiteness(prefix, findColumn(column, this.#schema));
    const tile = [...parts].flatMap((part) => {
      const keep = tileOf[part];
      return keep === undefined ? [] : [`${keep(prefix, finite)} AS ${prefix}_${part}`];
    });
    return { every, column, prefix, parts, tile };
  }
}

/** Returns a condition that is never null. */
function finiteness(value: string, { kind }: Kind): string {
  return kind === "float32" || kind === "float64" ? `coalesce(isfinite(${value}), true)` : "true";
}
