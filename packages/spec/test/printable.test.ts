import { escapeControls, MlforgeError, withoutCredentials } from "@mlforge/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("withoutCredentials", () => {
  it.each([
    ["https://host/a.parquet?X-Amz-Signature=s", "https://host/a.parquet"],
    ['no file at "https://me:p@host:9000/a?token", check', 'no file at "https://host:9000/a", check'],
    ["read https://host/a?b=1, then s3://bucket/c.", "read https://host/a, then s3://bucket/c."],
    ["(https://me@host/a#b)", "(https://host/a)"],
    ["postgres://me:p@host/db?sslpassword=s", "postgres://host/db"],
    ["https://me:p@ss@host", "https://host"],
    ["s3://bucket/day=0?/hour=1/*.parquet", "s3://bucket/day=0?/hour=1/*.parquet"],
    ["s3://bucket/a.parquet?s3_secret_access_key=s", "s3://bucket/a.parquet"],
    ["s3://bucket/me@host/a.parquet", "s3://bucket/me@host/a.parquet"],
    ["file:///a?b=c#d", "file:///a?b=c#d"],
    ["what? yes: a/b?c=d", "what? yes: a/b?c=d"],
  ])("%s", (text, expected) => {
    expect(withoutCredentials(text)).toBe(expected);
  });

  it("leaves no user, password, or query of any URL", () => {
    fc.assert(
      fc.property(
        fc.webUrl({ validSchemes: ["http", "https"], withQueryParameters: true, withFragments: true }),
        fc.webAuthority(),
        (url, host) => {
          const secret = new URL(url);
          secret.username = "us3r";
          secret.password = "p4ss";
          secret.host = host;
          const shown = withoutCredentials(`"${secret.href}"`);
          expect(shown.slice(1).startsWith(secret.origin + secret.pathname)).toBe(true);
          // What is left is punctuation, which ends the sentence around a URL.
          expect(shown.slice(1 + (secret.origin + secret.pathname).length)).toMatch(/^[')\]},;:.]*"$/);
          expect(withoutCredentials(shown)).toBe(shown);
        },
      ),
    );
  });
});

describe("MlforgeError", () => {
  it("has no credentials in its message, its details, or the texts of its causes", () => {
    const url = "https://me:p4ss@host/a?sig=s1g";
    const cause = Object.assign(new Error(`cannot open ${url}`, { cause: `HTTP 403 at ${url}` }), { code: "EIO" });
    const error = new MlforgeError("SOURCE_NOT_FOUND", `no file at "${url}"`, { source: "a", path: url }, { cause });
    expect(error.message).toBe('no file at "https://host/a"');
    expect(error.details).toEqual({ source: "a", path: "https://host/a" });
    expect(error.cause).toMatchObject({ message: "cannot open https://host/a", code: "EIO", cause: "HTTP 403 at https://host/a" });
    expect(`${error.stack}${String(error.cause instanceof Error && error.cause.stack)}`).not.toMatch(/p4ss|s1g/);
  });

  it("keeps details and causes that have none", () => {
    const cause = new Error("oh");
    const details = { source: "a", path: "b" };
    const error = new MlforgeError("SOURCE_NOT_FOUND", "c", details, { cause });
    expect([error.cause, error.details]).toEqual([cause, details]);
    expect(error.cause).toBe(cause);
  });

  it("has no control character in its message except line ends between lines", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (lines) => {
        const { message } = new MlforgeError("UNEXPECTED", lines, { where: "" });
        expect(message.split("\n")).toEqual(lines.map((line) => withoutCredentials(escapeControls(line))));
        expect(message).not.toMatch(/[\p{Bidi_Control}\u0080-\u009f]/u);
      }),
    );
  });
});
