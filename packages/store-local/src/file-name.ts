import { checkStoreKey, checkStorePrefix, MlforgeError } from "@mlforge/spec";
import { storeName } from "./local-error.js";

/** The store's own folder under its root: temporary files, locks and staging folders. Keys cannot be in it. */
export const ownFolder = ".mlforge";

/** The longest name that common file systems accept. */
const maxNameBytes = 255;

/** Returns the folders and the file name of a key. @throws STORE_KEY_INVALID, also for names that this platform does not support */
export function segmentsOf(key: string, platform: NodeJS.Platform = process.platform): readonly string[] {
  checkStoreKey(storeName, key);
  const segments = key.split("/");
  const problem = problemOf(segments) ?? (platform === "win32" ? windowsProblem(segments) : undefined);
  if (problem === undefined) return segments;
  throw new MlforgeError("STORE_KEY_INVALID", `the key ${JSON.stringify(key)} ${problem}; choose another name`, { store: storeName, key });
}

/** Returns the folders of a prefix of `list`. */
export function foldersOf(prefix: string): readonly string[] {
  checkStorePrefix(storeName, prefix);
  return prefix === "" ? [] : segmentsOf(prefix.slice(0, -1));
}

function problemOf(segments: readonly string[]): string | undefined {
  if (segments[0]?.toLowerCase() === ownFolder) return `is in ${ownFolder}, which is private to the store`;
  if (segments.some((segment) => Buffer.byteLength(segment) > maxNameBytes)) return `has a segment of more than ${maxNameBytes} bytes`;
  return undefined;
}

/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
function windowsProblem(segments: readonly string[]): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses exactly these
  if (segments.some((segment) => /[<>:"|?*\x01-\x1f]/.test(segment))) return "has a character that Windows does not allow in file names";
  if (segments.some((segment) => /[. ]$/.test(segment))) return "has a segment that ends with a dot or a space, which Windows drops";
  if (segments.some((segment) => /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment))) return "has a segment that is a device on Windows";
  return undefined;
}
