import type { Bytes } from "./byte-ranges.js";

/** Enough for the footer of most files, so that a single request fetches it. */
const footerGuess = 64 * 1024;
const magicBytes = 4;

/**
 * Returns the bytes of a Parquet file that an engine reads for some columns: both ends, their pages, and the indexes of these.
 *
 * Returns undefined if the footer is invalid; the reader then reports why. Without columns, returns only the footer.
 *
 * @param read fetches bytes that lie within the file
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
        // Old writers do not store the length of a filter. Everything is fetched then.
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
