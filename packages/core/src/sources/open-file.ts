import type { RandomAccessFile } from "@mlforge/spec";
import { openLocalFile } from "./local-file.js";
import type { Need, RemoteFiles } from "./remote-files.js";

/** Opens a file that a plan names for reading anywhere in it: a local one, or one that is known and fetched first. */
export function openFile(
  url: string,
  need: Need,
  { files }: { readonly files: RemoteFiles },
  signal?: AbortSignal,
): Promise<RandomAccessFile & AsyncDisposable> {
  return files.knows(url) ? files.open(url, need, signal) : openLocalFile(new URL(url));
}
