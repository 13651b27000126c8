import { MlforgeError } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import type { FeatureInput, FeatureNames } from "../define/features-of.js";
import { type DiffOptions, diffVersions, type VersionDiff } from "../diff/diff-versions.js";
import { type FeatureHistory, readHistory } from "../log/history.js";
import type { VersionMetadata } from "../log/metadata.js";
import { readPointer } from "../log/pointer.js";
import { type Release, release } from "../log/release.js";
import { type Rollback, rollBack } from "../log/rollback.js";
import { parseVersion } from "../log/version.js";
import { listVersions, resolveVersion } from "../log/versions.js";
import type { CallOptions, FeatureVersions, HoldOptions, NumberedVersion, ReleaseOptions, RollbackOptions } from "./definitions-options.js";
import type { Project } from "./project.js";

/** Works on the versions of features: lists and compares them, shows their history, and moves which one is latest. */
export class Versions<F extends readonly FeatureInput[]> {
  readonly #project: Project;

  constructor(project: Project) {
    this.#project = project;
  }

  /** Lists the published versions of a feature. Versions with unreadable metadata are listed separately, with the reason. */
  async list(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<FeatureVersions> {
    const { name } = this.#project.feature(feature);
    const pointer = await readPointer(this.#project.context.store, name, signal);
    return { feature: name, latest: pointer?.value.version, ...(await listVersions(this.#project.context.store, name, signal)) };
  }

  /** Returns the number of the latest version of a feature, or undefined if it was never built. Makes one request. @throws METADATA_INVALID */
  async latest(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<string | undefined> {
    return (await readPointer(this.#project.context.store, this.#project.feature(feature).name, signal))?.value.version;
  }

  /**
   * Returns the metadata of a version: `latest` (the default), a number, or a range such as `^1.0`.
   *
   * @throws VERSION_NOT_FOUND, METADATA_INVALID
   */
  inspect(
    feature: FeatureNames<F> | AnyFeature,
    { version = "latest", signal }: CallOptions & { readonly version?: string | undefined } = {},
  ): Promise<VersionMetadata> {
    return resolveVersion(this.#project.context.store, this.#project.feature(feature).name, version, signal);
  }

  /**
   * Compares two versions of a feature: schema, logic, configuration, and, unless `data` is false, the data. The engine compares the data.
   *
   * `to` defaults to the latest version, and `from` to the next lower version than `to`. Versions can be numbers, ranges such as `^1.0`, or `latest`.
   *
   * @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID; DATA_CORRUPT if data exists but is not what was published
   *
   * @example
   * const { change, data } = await defs.versions.diff("airport_delay", { from: "1.0.0", to: "2.0.0" });
   * if (data?.kind === "compared") for (const { name, drift } of data.columns) console.log(change, name, drift);
   */
  diff(feature: FeatureNames<F> | AnyFeature, options: DiffOptions = {}): Promise<VersionDiff> {
    return diffVersions(this.#project.feature(feature).name, this.#project.context, options);
  }

  /** Returns which version of a feature is latest and the moves that led to it, newest first. Makes one request. @throws METADATA_INVALID */
  async log(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<FeatureHistory> {
    return readHistory(this.#project.context.store, this.#project.feature(feature).name, signal);
  }

  /**
   * Makes a published version latest, whichever version is latest now. The next build takes the next free number.
   *
   * Creates the pointer if it was lost. If the version is already latest, writes nothing except a hold.
   *
   * @throws VERSION_NOT_FOUND (also for a pruned version), VERSION_INVALID, USAGE_INVALID, METADATA_INVALID, DATA_CORRUPT if its data is missing;
   * POINTER_MOVED if `previous` is true and another process moves the pointer at the same time
   *
   * @example
   * await defs.versions.rollback("airport_delay", { version: "1.0.3", hold: true, reason: "2.0.0 counts cancelled flights" });
   * await defs.versions.rollback("airport_delay", { previous: true });
   */
  async rollback<const V extends string = string>(
    feature: FeatureNames<F> | AnyFeature,
    options: RollbackOptions & NumberedVersion<V>,
  ): Promise<Rollback> {
    const { version, previous = false, hold = false, reason = "", dryRun = false, signal } = options;
    if ((version !== undefined) === previous) {
      const message = "pass rollback either a version, such as 1.0.3, or previous: true";
      throw new MlforgeError("USAGE_INVALID", message, { argument: "version" });
    }
    const to = version === undefined ? "previous" : { version: parseVersion(version) };
    return rollBack(this.#project.logOf(feature, signal), { to, hold, reason, dryRun });
  }

  /**
   * Keeps a version latest: new builds are published but do not become latest until you call {@link release}.
   *
   * Holds the latest version by default. A given `version` becomes latest first, as with {@link rollback}.
   *
   * @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID, DATA_CORRUPT if its data is missing
   *
   * @example
   * await defs.versions.hold("airport_delay", { reason: "an experiment runs until Friday" });
   */
  async hold<const V extends string = string>(
    feature: FeatureNames<F> | AnyFeature,
    { version, ...options }: HoldOptions & NumberedVersion<V> = {},
  ): Promise<Rollback> {
    const held: string = version ?? (await this.inspect(feature, { signal: options.signal })).version;
    return this.rollback(feature, { ...options, version: held, hold: true });
  }

  /**
   * Ends the hold of a feature. The next build becomes latest again.
   *
   * @throws VERSION_NOT_FOUND if the feature was never built
   */
  async release(feature: FeatureNames<F> | AnyFeature, { reason = "", signal }: ReleaseOptions = {}): Promise<Release> {
    return release(this.#project.logOf(feature, signal), reason);
  }
}
