import { MlforgeError, type ObjectInfo, type Remote, type Store } from "@mlforge/spec";
import picomatch from "picomatch";
import { attempt } from "../log/attempt.js";
import type { isHiddenPath } from "./hidden-paths.js";

/** Returns the scheme of a URL in lowercase, or undefined for a path. A single letter is a drive. */
export function schemeOf(path: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):\/\//i.exec(path)?.[1]?.toLowerCase();
}

/** A remote object, and the URL by which it was found. */
export interface RemoteObject {
  readonly url: string;
  readonly store: Store;
  readonly info: ObjectInfo;
}

/** Everything outside this machine that a project can reach. */
export class Remotes implements AsyncDisposable {
  readonly #remotes: readonly Remote[];
  readonly #own: readonly Remote[];

  /**
   * @param own remotes to dispose of together with this object, before those in `lent`
   * @param lent remotes that their owner disposes of
   */
  constructor(own: readonly Remote[], lent: readonly Remote[]) {
    this.#own = own;
    this.#remotes = [...own, ...lent];
  }

  /** The beginnings of the URLs that it can open. */
  get schemes(): readonly string[] {
    return [...new Set(this.#remotes.flatMap(({ schemes }) => schemes))];
  }

  /** Returns the store and the key that a URL names. @throws CAPABILITY_MISSING if no remote handles its scheme */
  open(url: string): { readonly store: Store; readonly key: string } {
    const scheme = schemeOf(url) ?? "";
    const remote = this.#remotes.find(({ schemes }) => schemes.includes(scheme));
    if (remote !== undefined) return remote.open(url);
    const known = ["file", ...this.schemes].join(", ");
    const hint = scheme === "s3" ? "for example remotes: [new S3Remote()] from @mlforge/store-s3" : `known schemes: ${known}`;
    throw new MlforgeError("CAPABILITY_MISSING", `no remote can reach "${url}"; pass Definitions a remote for ${scheme}: URLs, ${hint}`, {
      plugin: "Definitions",
      capability: `${scheme}: URLs`,
    });
  }

  /**
   * Returns the objects that a URL names now, ordered by key: one object, or all matches if it is a pattern like those for local files. Empty if
   * there are none.
   *
   * Takes one request for one object, and a listing below the last folder without a wildcard for a pattern.
   *
   * @param isHidden like {@link isHiddenPath}; omits matching objects of a pattern
   */
  async find(url: string, isHidden: typeof isHiddenPath, signal?: AbortSignal): Promise<readonly RemoteObject[]> {
    const { store, key } = this.open(url);
    const base = url.slice(0, url.length - key.length);
    const { isGlob, prefix } = globOf(key);
    if (!isGlob) return [{ url, store, info: await attempt(() => store.head(key, { signal }), signal) }];
    const matches = picomatch(key, { dot: true });
    const found: RemoteObject[] = [];
    for await (const entry of store.list(prefix, { signal })) {
      if (entry.kind !== "object" || !matches(entry.info.key) || isHidden(entry.info.key.slice(prefix.length), key)) continue;
      found.push({ url: base + entry.info.key, store, info: entry.info });
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const remote of this.#own) await remote[Symbol.asyncDispose]();
  }
}

/** Returns whether a key is a pattern, and the folders before its first wildcard. */
function globOf(key: string): { readonly isGlob: boolean; readonly prefix: string } {
  const { isGlob, base } = picomatch.scan(key);
  return { isGlob, prefix: isGlob && base !== "" ? `${base}/` : "" };
}
