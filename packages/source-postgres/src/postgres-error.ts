import { type ErrorCode, isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { Login } from "./login.js";

/** Converts an error of the driver or the server. Keeps what helps and contains no secret. */
export function postgresError(error: unknown, source: string, place: Login): unknown {
  if (isMlforgeError(error)) return error;
  const { message, code, detail, hint } = partsOf(error);
  const where = place.locate();
  const kind = kindOf(message, code);
  const said = isLost(message, code) ? "lost the connection" : [message, detail, hint].filter((part) => part !== undefined).join("; ");
  const text = place.redact(`source "${source}": ${said}${code === undefined ? "" : ` (${code})`} at ${where}${advice(kind, code)}`);
  const cause = Object.assign(new Error(place.redact(message)), code === undefined ? {} : { code });
  if (kind === "SOURCE_UNREADABLE") return new MlforgeError(kind, text, { source, path: where }, { cause });
  return new MlforgeError(kind, text, { source, place: where }, { cause });
}

type Kind = Extract<ErrorCode, "SOURCE_UNAVAILABLE" | "SOURCE_ACCESS_DENIED" | "SOURCE_UNREADABLE">;

/** SQLSTATE classes and system error codes that a later call can succeed without. */
const passing =
  /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_|08|40|57P0|58|53300|53400|E(CONN|TIMEDOUT|PIPE|AI_AGAIN|HOST|NET|NOTFOUND))/;
const denied = /^(28|42501)/;

function kindOf(message: string, code: string | undefined): Kind {
  if (code === undefined) return /terminated|timeout|timed out/i.test(message) ? "SOURCE_UNAVAILABLE" : "SOURCE_UNREADABLE";
  if (denied.test(code)) return "SOURCE_ACCESS_DENIED";
  return passing.test(code) ? "SOURCE_UNAVAILABLE" : "SOURCE_UNREADABLE";
}

/** Returns true if an open connection ended. Which of these errors arrives is a matter of chance. */
function isLost(message: string, code: string | undefined): boolean {
  return code === undefined ? /^Connection terminated( unexpectedly)?$/.test(message) : /^(08006|57P01|57P02|ECONNRESET|EPIPE)$/.test(code);
}

/** Codes of Node and OpenSSL for a certificate that is not trusted. */
const untrusted = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/;

function advice(kind: Kind, code: string | undefined): string {
  if (code !== undefined && untrusted.test(code))
    return "; pass the certificate of its authority as ssl: { ca }, as sslrootcert in the URL, or in NODE_EXTRA_CA_CERTS";
  if (kind === "SOURCE_UNAVAILABLE") return "; check that the server runs and can be reached, then try again";
  if (code === "42501") return "; grant this user the permission to read it";
  if (kind === "SOURCE_ACCESS_DENIED") return "; check the user and the password";
  if (code === "57014") return "; the server ended the statement: raise statementTimeout, or read fewer rows";
  if (code === "25006") return "; sources can only read: take what writes out of the query";
  if (code?.startsWith("22"))
    return "; a row of the query has a value that it cannot compute with: leave such rows out, or use case or nullif";
  if (code?.startsWith("42")) return "; correct the query, or the name of the table";
  return "";
}

interface Parts {
  readonly message: string;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

function partsOf(error: unknown): Parts {
  if (!(error instanceof Error)) return { message: String(error) };
  // A host with several addresses fails with one error per address.
  if (error instanceof AggregateError && error.errors.length > 0) return partsOf(error.errors[0]);
  return { message: error.message, code: textOf(error, "code"), detail: textOf(error, "detail"), hint: textOf(error, "hint") };
}

function textOf(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
