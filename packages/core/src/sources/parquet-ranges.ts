import type { Bytes } from "./byte-ranges.js";

/** Enough for the footer of most files, so that one request fetches it. */
const footerGuess = 64 * 1024;
const magicBytes = 4;

/**
 * The bytes of a Parquet file that an engine reads for some columns: both ends, their pages, and what is indexed of them.
 *
 * Undefined where the file's footer cannot be understood; whoever reads it then will say why. Of no columns: the footer alone.
 *
 * @param read Fetches bytes, which lie within the file.
 */
export async function parquetRanges(
  size: number,
  columns: readonly string[],
  read: (bytes: Bytes) => Promise<Uint8Array>,
): Promise<readonly Bytes[] | undefined> {
  const { parquetMetadataAsync } = await import("hyparquet/src/metadata.js");
  const footer: Bytes[] = [];
  const fetched: { readonly failed?: unknown }[] = [];
  const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
    footer.push({ start, end });
    try {
      const bytes = await read({ start, end });
      return Uint8Array.from(bytes).buffer;
    } catch (failed) {
      fetched.push({ failed });
      throw failed;
    }
  };
  if (size < 2 * magicBytes) return undefined;
  const metadata = await parquetMetadataAsync({ byteLength: size, slice }, { initialFetchSize: footerGuess, geoparquet: false }).catch(
    () => {
      const [first] = fetched;
      if (first !== undefined) throw first.failed;
      return undefined;
    },
  );
  if (metadata === undefined) return undefined;
  const wanted = new Set(columns);
  const ranges: Bytes[] = [{ start: 0, end: magicBytes }, ...footer];
  for (const { columns: chunks } of metadata.row_groups) {
    for (const chunk of chunks) {
      const { meta_data: pages } = chunk;
      const [name] = pages?.path_in_schema ?? [];
      if (pages === undefined || name === undefined || !wanted.has(name)) continue;
      const { dictionary_page_offset: dictionary = 0n, data_page_offset: data } = pages;
      ranges.push(rangeOf(dictionary > 0n && dictionary < data ? dictionary : data, pages.total_compressed_size));
      if (pages.bloom_filter_offset !== undefined) {
        // Files of old writers do not say how long a filter is; then everything is fetched.
        if (pages.bloom_filter_length === undefined) return undefined;
        ranges.push(rangeOf(pages.bloom_filter_offset, pages.bloom_filter_length));
      }
      if (chunk.column_index_offset !== undefined) ranges.push(rangeOf(chunk.column_index_offset, chunk.column_index_length ?? 0));
      if (chunk.offset_index_offset !== undefined) ranges.push(rangeOf(chunk.offset_index_offset, chunk.offset_index_length ?? 0));
    }
  }
  return ranges.every(({ start, end }) => start >= 0 && end <= size) ? ranges : undefined;
}

function rangeOf(offset: bigint, length: bigint | number): Bytes {
  const start = Number(offset);
  return { start, end: start + Number(length) };
}
