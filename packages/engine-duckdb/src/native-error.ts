/** An error of DuckDB's, taken apart. */
export class NativeError extends Error {
  override readonly name: string = "NativeError";
  /** For example `Out of Range`; empty where it is not known. */
  readonly type: string;

  constructor(cause: unknown) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const { type, message } = parse(text);
    super(message, { cause });
    this.type = type;
  }
}

/** DuckDB writes its errors as JSON where `errors_as_json` is set, sometimes after words of its own. */
function parse(text: string): { readonly type: string; readonly message: string } {
  const start = text.indexOf('{"exception_type"');
  const parsed: unknown = start === -1 ? undefined : JSON.parse(text.slice(start));
  if (typeof parsed !== "object" || parsed === null || !("exception_type" in parsed) || !("exception_message" in parsed)) {
    return { type: "", message: withoutAdvice(text) };
  }
  return { type: String(parsed.exception_type), message: withoutAdvice(String(parsed.exception_message)) };
}

/** What follows an empty line is advice on settings that users of mlforge do not see. */
function withoutAdvice(message: string): string {
  return (message.split("\n\n")[0] ?? message).trim();
}
