import type { Description } from "@mlforge/spec";
import type { AnySource } from "../define/source.js";
import type { BuildContext } from "./context.js";
import { describeSource } from "./describe-source.js";
import { findSourceFiles, type SourceFiles } from "./source-files.js";
import { type SourceHash, SourceHashes } from "./source-hashes.js";

/** What is known of sources during one call: each is looked for, described and hashed once, however many features read it. */
export class KnownSources {
  readonly #context: BuildContext;
  readonly #hashes: SourceHashes;
  readonly #files = new Map<AnySource, Promise<SourceFiles>>();
  readonly #columns = new Map<AnySource, Promise<Description>>();

  constructor(context: BuildContext, hashes = new SourceHashes()) {
    this.#context = context;
    this.#hashes = hashes;
  }

  /** For when files have changed: finds them again, and hashes only those whose state is another. */
  anew(): KnownSources {
    return new KnownSources(this.#context, this.#hashes);
  }

  files(source: AnySource, signal?: AbortSignal): Promise<SourceFiles> {
    return once(this.#files, source, () => findSourceFiles(source, this.#context, signal));
  }

  /** The columns that its files have, whatever it declares, and those that no column kind can hold. */
  describe(source: AnySource, signal?: AbortSignal): Promise<Description> {
    return once(this.#columns, source, async () => describeSource(source, await this.files(source, signal), this.#context, signal));
  }

  hash(sources: readonly SourceFiles[], signal?: AbortSignal): Promise<SourceHash> {
    return this.#hashes.of(sources, signal);
  }
}

function once<T>(known: Map<AnySource, Promise<T>>, source: AnySource, find: () => Promise<T>): Promise<T> {
  const found = known.get(source) ?? find();
  known.set(source, found);
  return found;
}
