import { MlforgeError, type ObjectInfo, type Remote, type Store } from "@mlforge/spec";
import picomatch from "picomatch";
import { attempt } from "../log/attempt.js";
import type { isHiddenPath } from "./hidden-paths.js";

/** The scheme of a URL, in lower case; undefined for a path. One letter is a drive. */
export function schemeOf(path: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):\/\//i.exec(path)?.[1]?.toLowerCase();
}

/** An object of another place, and the URL by which it was found. */
export interface RemoteObject {
  readonly url: string;
  readonly store: Store;
  readonly info: ObjectInfo;
}

/** Everything outside of this machine that a project can reach. */
export class Remotes implements AsyncDisposable {
  readonly #remotes: readonly Remote[];
  readonly #own: readonly Remote[];

  /**
   * @param own Those to be disposed of with this.
   * @param lent Those that somebody else disposes of. What is in `own` goes first.
   */
  constructor(own: readonly Remote[], lent: readonly Remote[]) {
    this.#own = own;
    this.#remotes = [...own, ...lent];
  }

  /** What URLs may begin with. */
  get schemes(): readonly string[] {
    return [...new Set(this.#remotes.flatMap(({ schemes }) => schemes))];
  }

  /** The store and the key that a URL names. @throws CAPABILITY_MISSING for a scheme that nobody here knows. */
  open(url: string): { readonly store: Store; readonly key: string } {
    const scheme = schemeOf(url) ?? "";
    const remote = this.#remotes.find(({ schemes }) => schemes.includes(scheme));
    if (remote !== undefined) return remote.open(url);
    const known = ["file", ...this.schemes].join(", ");
    const hint = scheme === "s3" ? "for example remotes: [new S3Remote()] of @mlforge/store-s3" : `there are ${known}`;
    throw new MlforgeError("CAPABILITY_MISSING", `nothing can reach "${url}"; give Definitions a remote for ${scheme}: URLs, ${hint}`, {
      plugin: "Definitions",
      capability: `${scheme}: URLs`,
    });
  }

  /**
   * The objects that a URL names now, in the order of their keys: one, or all that match where it is a pattern as of local files.
   *
   * Takes one request for one object, and a list below the last folder without a wildcard for a pattern. Empty where there are none.
   *
   * @param isHidden As {@link isHiddenPath}; such objects of a pattern are left out.
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

/** Whether a key is a pattern, and the folders before its first wildcard. */
function globOf(key: string): { readonly isGlob: boolean; readonly prefix: string } {
  const { isGlob, base } = picomatch.scan(key);
  return { isGlob, prefix: isGlob && base !== "" ? `${base}/` : "" };
}
