/** The request, and the head of its answer. */
export interface Answered {
  readonly method: string;
  /** The path of the request, without its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Describes an answer that cannot be from S3, or returns undefined. S3 writes XML, or the bytes of an object. An object can be a page or JSON too, so a
 * page that was read counts only if its name is not that of a page.
 */
export function foreignAnswer({ method, path, status, headers }: Answered): string | undefined {
  if (Object.keys(headers).some((name) => name.toLowerCase().startsWith("x-amz-"))) return undefined;
  // They have no body, and moto says text/html for it. The next request for anything else tells.
  if (status === 204 || (method === "HEAD" && status === 404)) return undefined;
  const [type = ""] = (headers["content-type"] ?? "").toLowerCase().split(";");
  const isPage = type === "text/html" || type === "application/xhtml+xml";
  const isObject = status < 300 && (method === "GET" || method === "HEAD");
  const isForeign = isObject ? isPage && !/\.x?html?$/i.test(path) : isPage || type === "application/json";
  const server = headers.server === undefined ? "" : `, server ${JSON.stringify(headers.server)}`;
  // Its body is not read, so nothing else would tell that nothing was deleted.
  if (!isForeign && method === "DELETE" && status === 200) return `status 200 to a DELETE, and no header of S3${server}`;
  if (!isForeign) return undefined;
  return `${isPage ? "a web page" : "JSON"} (status ${status}, ${type}${server})`;
}
