import type { RandomAccessFile } from "@mlforge/spec";
import { openLocalFile } from "./local-file.js";
import type { Need, RemoteFiles } from "./remote-files.js";

/** Opens a file of a plan for random access: a local file, or a known remote file, which is fetched first. */
export function openFile(
  url: string,
  need: Need,
  { files }: { readonly files: RemoteFiles },
  signal?: AbortSignal,
): Promise<RandomAccessFile & AsyncDisposable> {
  return files.knows(url) ? files.open(url, need, signal) : openLocalFile(new URL(url));
}
