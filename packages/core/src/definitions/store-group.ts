import type { Leftover } from "@mlforge/spec";
import type { FeatureInput } from "../define/features-of.js";
import { checkStore, type StoreReport } from "../diagnose/check-store.js";
import { type ClockReport, checkClock } from "../log/check-clock.js";
import { readManifest, type StoreManifest, writeManifest } from "../manifest/manifest.js";
import { type PruneResult, pruneFeatures } from "../prune/prune-features.js";
import { findLeftovers } from "../sources/find-leftovers.js";
import type { VerifyReport } from "../verify/report.js";
import { expectKnown, verifyStore } from "../verify/verify-store.js";
import type { CallOptions, PruneOptions, VerifyOptions } from "./definitions-options.js";
import type { Project } from "./project.js";

/** Works on the whole offline store of a project: verifies it, prunes it, and describes it. */
export class StoreGroup<F extends readonly FeatureInput[]> {
  readonly #project: Project;

  constructor(project: Project) {
    this.#project = project;
  }

  /**
   * Verifies every object of the offline store: the size and SHA-256 of data files, every byte of metadata, pointers and claims, and objects that
   * nothing refers to. Includes features that are no longer defined. Also lists the leftovers of killed processes in the store, the temporary folder, the
   * cache, and `outputFolders`. Changes nothing.
   *
   * The report lists every problem with a stable `kind` and the fix.
   *
   * @throws NAME_UNKNOWN, STORE_UNAVAILABLE, STORE_ACCESS_DENIED
   *
   * @example
   * const { problems } = await defs.store.verify();
   * for (const { kind, key, fix } of problems) console.log(kind, key, fix);
   */
  async verify({ features, quick = false, outputFolders = [], signal, onProgress }: VerifyOptions = {}): Promise<VerifyReport> {
    const names = features?.map((feature) => (typeof feature === "string" ? feature : feature.name));
    await expectKnown(
      this.#project.context.store,
      names,
      this.#project.features.map(({ name }) => name),
      signal,
    );
    const { context } = this.#project;
    const leftovers = (): Promise<readonly Leftover[]> => findLeftovers(context, outputFolders, signal);
    return verifyStore({ store: context.store, quick, now: context.now, leftovers, signal, onProgress }, names);
  }

  /**
   * Removes old versions, the files of abandoned builds, and leftovers of killed processes. Keeps the newest `keep` versions, versions younger than
   * `olderThan`, and versions that are latest, pinned, or named by a lock. Removes nothing unless `dryRun` is false.
   *
   * Numbers of removed versions are never used again. A feature without a latest version is not pruned.
   *
   * @throws NAME_UNKNOWN, USAGE_INVALID, VERSION_INVALID, LOCK_MISMATCH, before anything is done. CLOCK_SKEWED if the clocks of this machine and of
   * the store differ by more than five minutes, because the age of versions is then unknown.
   *
   * @example
   * const { features } = await defs.store.prune({ keep: 3, pinned: ["airport_delay@^1.0"], locks: ["train.lock"] });
   * for (const { feature, removed } of features) console.log(feature, removed);
   */
  async prune(options: PruneOptions<F> = {}): Promise<PruneResult> {
    const { features, outputFolders = [], ...limits } = options;
    const { context } = this.#project;
    const leftovers = async (): Promise<readonly Leftover[]> =>
      features === undefined ? findLeftovers(context, outputFolders, limits.signal) : [];
    return pruneFeatures(this.#project.select({ features }), (name) => this.#project.feature(name), context, leftovers, limits);
  }

  /** Returns the whole offline store as one document: every feature with all its versions, including features that are no longer defined. */
  async manifest({ signal }: CallOptions = {}): Promise<StoreManifest> {
    return readManifest(this.#project.context.store, this.#project.context.now(), signal);
  }

  /** Writes {@link manifest} to `manifest.json` in the root of the offline store. Returns it with its `url`. */
  async writeManifest({ signal }: CallOptions = {}): Promise<{ readonly manifest: StoreManifest; readonly url: string }> {
    const manifest = await this.manifest({ signal });
    return { manifest, url: await writeManifest(this.#project.context.store, manifest, signal) };
  }

  /**
   * Checks that the current credentials have the permissions that building, training, and serving need. The store tries each and leaves nothing behind.
   *
   * The report lists denied permissions. For a store without `diagnose`, the report has no checks.
   *
   * @throws STORE_UNAVAILABLE
   *
   * @example
   * const { jobs } = await defs.store.diagnose();
   * for (const { job, outcome, missingPermissions } of jobs) console.log(job, outcome, missingPermissions); // serving denied [ 's3:GetObject' ]
   */
  diagnose({ signal }: CallOptions = {}): Promise<StoreReport> {
    return checkStore(this.#project.context.store, { signal });
  }

  /** Compares the clock that stamps versions with the clock of the offline store. Fails if they differ by more than five minutes. @throws STORE_UNAVAILABLE */
  checkClock({ signal }: CallOptions = {}): Promise<ClockReport> {
    return checkClock(this.#project.context.store, this.#project.context.now, { signal });
  }
}
