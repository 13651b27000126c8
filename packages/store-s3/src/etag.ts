/** The opaque part of an ETag header. Services agree on it, but not on the quotes around it. */
export function etagOf(header: string | undefined): string {
  return (header ?? "").replace(/^"(.*)"$/, "$1");
}

/** Whether an etag can be one of ours, so that it may stand in a header, where `*` and lists mean something else. */
export function isEtag(etag: string): boolean {
  return /^[\w=+/.:~-]+$/.test(etag);
}
