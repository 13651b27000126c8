/** A parsed error of DuckDB. */
export class NativeError extends Error {
  override readonly name: string = "NativeError";
  /** The type of the error, for example `Out of Range`. Empty if unknown. */
  readonly type: string;
  /** The message in one line. */
  readonly line: string;

  constructor(cause: unknown) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const { type, message } = parse(text);
    super(message, { cause });
    this.type = type;
    this.line = message.replace(/\s*\n\s*/g, " ");
  }
}

/** Parses an error. With `errors_as_json`, DuckDB writes errors as JSON, sometimes after other text. */
function parse(text: string): { readonly type: string; readonly message: string } {
  const start = text.indexOf('{"exception_type"');
  const parsed: unknown = start === -1 ? undefined : JSON.parse(text.slice(start));
  if (typeof parsed !== "object" || parsed === null || !("exception_type" in parsed) || !("exception_message" in parsed)) {
    return { type: "", message: withoutAdvice(text) };
  }
  return { type: String(parsed.exception_type), message: withoutAdvice(String(parsed.exception_message)) };
}

/** Removes everything after an empty line: advice on settings that users of mlforge cannot change. */
function withoutAdvice(message: string): string {
  return (message.split("\n\n")[0] ?? message).trim();
}
