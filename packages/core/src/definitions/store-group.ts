import type { FeatureInput } from "../define/features-of.js";
import { type ClockReport, checkClock } from "../diagnose/check-clock.js";
import { checkStore, type StoreReport } from "../diagnose/check-store.js";
import { readManifest, type StoreManifest, writeManifest } from "../manifest/manifest.js";
import { type PruneResult, pruneFeatures } from "../prune/prune-features.js";
import type { VerifyReport } from "../verify/report.js";
import { expectKnown, verifyStore } from "../verify/verify-store.js";
import type { CallOptions, PruneOptions, VerifyOptions } from "./definitions-options.js";
import type { Project } from "./project.js";

/** The offline store of a project as a whole: whether it is sound, what is in it, and what may go. */
export class StoreGroup<F extends readonly FeatureInput[]> {
  readonly #project: Project;

  constructor(project: Project) {
    this.#project = project;
  }

  /**
   * Looks at every object of the offline store: data against the size and the SHA-256 its metadata has of it, each byte of metadata, pointers
   * and claims, and what nothing refers to. Features that are no longer defined count too. Changes nothing.
   *
   * What is wrong is in the report, each with a stable `kind` and with what to do.
   *
   * @throws NAME_UNKNOWN, STORE_UNAVAILABLE, STORE_ACCESS_DENIED
   *
   * @example
   * const { problems } = await defs.store.verify();
   * for (const { kind, key, fix } of problems) console.log(kind, key, fix);
   */
  async verify({ features, quick = false, signal, onProgress }: VerifyOptions = {}): Promise<VerifyReport> {
    const names = features?.map((feature) => (typeof feature === "string" ? feature : feature.name));
    await expectKnown(
      this.#project.context.store,
      names,
      this.#project.features.map(({ name }) => name),
      signal,
    );
    return verifyStore({ store: this.#project.context.store, quick, now: this.#project.context.now, signal, onProgress }, names);
  }

  /**
   * Removes versions that are neither among the newest `keep` nor younger than `olderThan`, nor latest, pinned or named by a lock, and what
   * builds that died have left. Does nothing but say so unless `dryRun` is false.
   *
   * A number is never used again. A feature of which no version is latest is left alone.
   *
   * @throws NAME_UNKNOWN, USAGE_INVALID, VERSION_INVALID, LOCK_MISMATCH, before anything is done.
   *
   * @example
   * const { features } = await defs.store.prune({ keep: 3, pinned: ["airport_delay@^1.0"], locks: ["train.lock"] });
   * for (const { feature, removed } of features) console.log(feature, removed);
   */
  async prune(options: PruneOptions<F> = {}): Promise<PruneResult> {
    const { features, ...limits } = options;
    return pruneFeatures(this.#project.select({ features }), (name) => this.#project.feature(name), this.#project.context, limits);
  }

  /** The whole offline store in one document: every feature in it, also those that are no longer defined, with all their versions. */
  async manifest({ signal }: CallOptions = {}): Promise<StoreManifest> {
    return readManifest(this.#project.context.store, this.#project.context.now(), signal);
  }

  /** Writes {@link manifest} to `manifest.json` in the root of the offline store. `url` is where it is. */
  async writeManifest({ signal }: CallOptions = {}): Promise<{ readonly manifest: StoreManifest; readonly url: string }> {
    const manifest = await this.manifest({ signal });
    return { manifest, url: await writeManifest(this.#project.context.store, manifest, signal) };
  }

  /**
   * Whether the present credentials may do in the offline store what building, training and serving need. The store tries, and leaves nothing behind.
   *
   * What is denied is in the report. A store without `diagnose` has nothing to try, and its report has no checks.
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

  /** How the clock that stamps versions stands to that of the offline store; more than five minutes apart is wrong. @throws STORE_UNAVAILABLE */
  checkClock({ signal }: CallOptions = {}): Promise<ClockReport> {
    return checkClock(this.#project.context.store, this.#project.context.now, { signal });
  }
}
