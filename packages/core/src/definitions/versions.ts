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
import type { CallOptions, FeatureVersions, HoldOptions, ReleaseOptions, RollbackOptions } from "./definitions-options.js";
import type { Project } from "./project.js";

/** The versions of each feature of a project: what there is, how it came about, and which one is latest. */
export class Versions<F extends readonly FeatureInput[]> {
  readonly #project: Project;

  constructor(project: Project) {
    this.#project = project;
  }

  /** The published versions of a feature. Those whose metadata cannot be read are listed apart, with what is wrong. */
  async list(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<FeatureVersions> {
    const { name } = this.#project.feature(feature);
    const pointer = await readPointer(this.#project.context.store, name, signal);
    return { feature: name, latest: pointer?.value.version, ...(await listVersions(this.#project.context.store, name, signal)) };
  }

  /** The number of the latest version of a feature, in one request; undefined if it was never built. @throws METADATA_INVALID */
  async latest(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<string | undefined> {
    return (await readPointer(this.#project.context.store, this.#project.feature(feature).name, signal))?.value.version;
  }

  /**
   * The metadata of a version: `latest` unless told, a number, or a range such as `^1.0`.
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
   * How one version of a feature differs from another: schema, logic, configuration, and unless `data` is false the data, compared in the engine.
   *
   * Without versions the latest is compared with the next lower one; with `from` alone the latest with that; with `to` alone that with the next
   * lower one. Versions may be numbers, ranges such as `^1.0`, or `latest`.
   *
   * @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID; DATA_CORRUPT where data is there and is not what was published
   *
   * @example
   * const { change, data } = await defs.versions.diff("airport_delay", { from: "1.0.0", to: "2.0.0" });
   * if (data?.kind === "compared") for (const { name, drift } of data.columns) console.log(change, name, drift);
   */
  diff(feature: FeatureNames<F> | AnyFeature, options: DiffOptions = {}): Promise<VersionDiff> {
    return diffVersions(this.#project.feature(feature).name, this.#project.context, options);
  }

  /** Which version of a feature is latest, and the moves that made it so, newest first, in one request. @throws METADATA_INVALID */
  async log(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<FeatureHistory> {
    return readHistory(this.#project.context.store, this.#project.feature(feature).name, signal);
  }

  /**
   * Makes a published version the latest again, whatever is latest now. The next build takes the next free number.
   *
   * Where no version is latest (the pointer was lost), it is made. What is latest already stays, and nothing is written but a hold.
   *
   * @throws VERSION_NOT_FOUND (also where it was pruned), VERSION_INVALID, USAGE_INVALID, METADATA_INVALID, DATA_CORRUPT where its data is missing;
   * POINTER_MOVED with `previous` where somebody else moved the pointer meanwhile
   *
   * @example
   * await defs.versions.rollback("airport_delay", { version: "1.0.3", hold: true, reason: "2.0.0 counts cancelled flights" });
   * await defs.versions.rollback("airport_delay", { previous: true });
   */
  async rollback(feature: FeatureNames<F> | AnyFeature, options: RollbackOptions): Promise<Rollback> {
    const { version, previous = false, hold = false, reason = "", dryRun = false, signal } = options;
    if ((version !== undefined) === previous) {
      const message = "give rollback either a version, such as 1.0.3, or previous: true";
      throw new MlforgeError("USAGE_INVALID", message, { argument: "version" });
    }
    const to = version === undefined ? "previous" : { version: parseVersion(version) };
    return rollBack(this.#project.logOf(feature, signal), { to, hold, reason, dryRun });
  }

  /**
   * Keeps a version latest: builds publish new versions and leave the pointer where it is until somebody calls {@link release}.
   *
   * Without `version` the latest version is held. With one it is made latest first, as {@link rollback} does.
   *
   * @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID, DATA_CORRUPT where its data is missing
   *
   * @example
   * await defs.versions.hold("airport_delay", { reason: "an experiment runs until Friday" });
   */
  async hold(feature: FeatureNames<F> | AnyFeature, { version, ...options }: HoldOptions = {}): Promise<Rollback> {
    const held = version ?? (await this.inspect(feature, { signal: options.signal })).version;
    return this.rollback(feature, { ...options, version: held, hold: true });
  }

  /**
   * Ends a hold of a feature: the next build makes its version latest again.
   *
   * @throws VERSION_NOT_FOUND where nothing was ever built
   */
  async release(feature: FeatureNames<F> | AnyFeature, { reason = "", signal }: ReleaseOptions = {}): Promise<Release> {
    return release(this.#project.logOf(feature, signal), reason);
  }
}
