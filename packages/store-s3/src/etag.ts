/** Returns the opaque part of an ETag header. Services agree on it, but not on the quotes around it. */
export function etagOf(header: string | undefined): string {
  return (header ?? "").replace(/^"(.*)"$/, "$1");
}

/** Returns true if an etag is safe in a header, where `*` and lists have another meaning. */
export function isEtag(etag: string): boolean {
  return /^[\w=+/.:~-]+$/.test(etag);
}
