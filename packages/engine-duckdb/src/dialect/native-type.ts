/** A type as DuckDB describes it. */
export type NativeType =
  | { readonly is: "plain"; readonly name: string }
  | { readonly is: "list"; readonly of: NativeType }
  | { readonly is: "array"; readonly of: NativeType; readonly length: number }
  | { readonly is: "struct"; readonly fields: readonly { readonly name: string; readonly type: NativeType }[] }
  | { readonly is: "map"; readonly key: NativeType; readonly value: NativeType };

/**
 * Reads the name of a type as DESCRIBE writes it: `STRUCT(city VARCHAR, "zip code" BIGINT[])[]`.
 *
 * A type without columns inside stays a name: `DECIMAL(10,2)`, `ENUM('a', 'b')`, `UNION(...)`.
 */
export function nativeType(text: string): NativeType {
  const parser = new Parser(text);
  const type = parser.type();
  parser.end();
  return type;
}

/** Returns true if a type contains a map. */
export function hasMap(type: NativeType): boolean {
  switch (type.is) {
    case "map":
      return true;
    case "list":
    case "array":
      return hasMap(type.of);
    case "struct":
      return type.fields.some((field) => hasMap(field.type));
    case "plain":
      return false;
  }
}

/** Returns the same text for the same type, regardless of how names are quoted. */
export function canonicalType(text: string): string {
  return JSON.stringify(nativeType(text));
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  type(): NativeType {
    let type = this.#base();
    for (;;) {
      const [brackets, length] = this.#match(/\[(\d*)\]/y) ?? [];
      if (brackets === undefined) return type;
      type = length === "" ? { is: "list", of: type } : { is: "array", of: type, length: Number(length) };
    }
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fail();
  }

  #base(): NativeType {
    if (this.#match(/STRUCT\(/y)) {
      const fields = this.#separated(() => {
        const name = this.#name();
        this.#expect(/ /y);
        return { name, type: this.type() };
      });
      return { is: "struct", fields };
    }
    if (this.#match(/MAP\(/y)) {
      const [key, value] = this.#separated(() => this.type());
      return key === undefined || value === undefined ? this.#fail() : { is: "map", key, value };
    }
    // Words, and the text in parentheses after them, in which quotes can contain anything.
    const start = this.#at;
    this.#expect(/"NULL"|\w+(?: \w+)*/y);
    if (this.#match(/\(/y)) this.#skipParentheses();
    return { is: "plain", name: this.#text.slice(start, this.#at) };
  }

  #name(): string {
    const [quoted] = this.#match(/"(?:[^"]|"")*"/y) ?? [];
    return quoted === undefined ? this.#expect(/[^\s"(),[\]]+/y) : quoted.slice(1, -1).replaceAll('""', '"');
  }

  /** Reads up to the closing parenthesis. */
  #separated<T>(each: () => T): readonly T[] {
    const found = [each()];
    while (this.#match(/, /y)) found.push(each());
    this.#expect(/\)/y);
    return found;
  }

  #skipParentheses(): void {
    for (let depth = 1; depth > 0; ) {
      const part = this.#expect(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|[^'"()]+/y);
      if (part === "(") depth++;
      if (part === ")") depth--;
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #expect(pattern: RegExp): string {
    return this.#match(pattern)?.[0] ?? this.#fail();
  }

  #fail(): never {
    throw new TypeError(`duckdb described a type as ${JSON.stringify(this.#text)}, which cannot be read at ${this.#at}`);
  }
}
