import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { MlforgeError, nearest, type Store } from "@mlforge/spec";
import { type BuildResult, buildFeatures } from "../build/build.js";
import { type BuildPlan, planFeatures } from "../build/plan-features.js";
import { type Preview, type PreviewOptions, previewFeature } from "../build/preview.js";
import { type ValidationReport, validateFeatures } from "../build/validate.js";
import { type AnyFeature, isFeature, type RowOf } from "../define/any-feature.js";
import type { AnyEntity } from "../define/entity.js";
import type { FeatureGiven, FeatureInput, FeatureNames } from "../define/features-of.js";
import type { AnySource } from "../define/source.js";
import { type ClockReport, checkClock } from "../diagnose/check-clock.js";
import { checkEngine, type EngineReport } from "../diagnose/check-engine.js";
import { checkStore, type StoreReport } from "../diagnose/check-store.js";
import { describeSources, type SourceReport } from "../diagnose/describe-sources.js";
import { type DiffOptions, diffVersions, type VersionDiff } from "../diff/diff-versions.js";
import { describePlace, type PlaceDescription } from "../environment/describe-environment.js";
import { type ChosenPlace, choosePlace } from "../environment/profiles.js";
import { collectFeatures } from "../features/collect-features.js";
import { type FeatureHistory, readHistory } from "../log/history.js";
import type { VersionMetadata } from "../log/metadata.js";
import { readPointer } from "../log/pointer.js";
import type { Log } from "../log/publish.js";
import { type Release, release } from "../log/release.js";
import { type Rollback, rollBack } from "../log/rollback.js";
import { parseVersion } from "../log/version.js";
import { listVersions, resolveVersion } from "../log/versions.js";
import { readManifest, type StoreManifest, writeManifest } from "../manifest/manifest.js";
import { type PruneResult, pruneFeatures } from "../prune/prune-features.js";
import { expectDeclared } from "../read/expect-declared.js";
import { type FeatureData, type ReadOptions, readVersion } from "../read/read-feature.js";
import { splitReference } from "../read/reference.js";
import type { BuildContext } from "../sources/context.js";
import { FileCache } from "../sources/file-cache.js";
import { RemoteFiles } from "../sources/remote-files.js";
import { Remotes } from "../sources/remotes.js";
import { stagingEngine } from "../sources/staging-engine.js";
import { type SyncResult, syncFeatures } from "../sync/sync.js";
import type { NamedChoice } from "../train/chosen-feature.js";
import { type ExplainOptions, explainRow, type RowExplanation } from "../train/explain-row.js";
import type { FeatureChoice, TrainingRow } from "../train/feature-choice.js";
import type { LabelRowOf, Labels } from "../train/labels.js";
import type { TrainingData } from "../train/training-data.js";
import { chooseTrainingSet, type LockedTrainingOptions, lockedTrainingSet, type TrainingDataOptions } from "../train/training-set.js";
import type { VerifyReport } from "../verify/report.js";
import { expectKnown, verifyStore } from "../verify/verify-store.js";
import type {
  BuildOptions,
  CallOptions,
  DefinitionsOptions,
  DescribeSourcesOptions,
  FeatureVersions,
  PlanOptions,
  PruneOptions,
  ReleaseOptions,
  RollbackOptions,
  SyncOptions,
  ValidateOptions,
  VerifyOptions,
} from "./definitions-options.js";

const marker: unique symbol = Symbol.for("mlforge.definitions.v1");

/**
 * A project's features, with the store that keeps them and the engine that computes them.
 *
 * @throws DEFINITION_INVALID with every problem of the given features; of its profile NAME_UNKNOWN, PROFILE_FAILED
 */
export class Definitions<const F extends readonly FeatureInput[] = readonly FeatureInput[]> implements AsyncDisposable {
  readonly name: string;
  readonly features: readonly AnyFeature[];
  readonly entities: readonly AnyEntity[];
  readonly sources: readonly AnySource[];
  /** The declared sources of labels. */
  readonly labels: readonly AnySource[];
  readonly offlineStore: Store;
  readonly #chosen: Omit<ChosenPlace, "place">;
  readonly #context: BuildContext;

  constructor(options: DefinitionsOptions<F>) {
    const { features, entities, sources, labels } = collectFeatures(options.features, options.labels);
    this.name = options.name;
    this.features = features;
    this.entities = entities;
    this.sources = sources;
    this.labels = labels;
    const { place, ...chosen } = choosePlace(options, process.env);
    this.#chosen = chosen;
    this.offlineStore = place.offlineStore;
    const cache = new FileCache(place.cache);
    const files = new RemoteFiles(cache);
    const { remote } = place.offlineStore;
    this.#context = {
      store: place.offlineStore,
      engine: place.engine === undefined ? undefined : stagingEngine(place.engine, files),
      localEngine: place.engine,
      files,
      cache,
      remotes: new Remotes(place.remotes ?? [], remote === undefined ? [] : [remote]),
      format: place.format,
      by: options.by ?? userInfo().username,
      now: options.now ?? ((): Date => new Date()),
      newId: randomUUID,
    };
    Object.defineProperty(this, marker, { value: true });
  }

  /** @throws NAME_UNKNOWN */
  feature(name: string): AnyFeature {
    return find("feature", name, this.features);
  }

  /** @throws NAME_UNKNOWN */
  entity(name: string): AnyEntity {
    return find("entity", name, this.entities);
  }

  /** @throws NAME_UNKNOWN */
  source(name: string): AnySource {
    return find("source", name, [...this.sources, ...this.labels]);
  }

  /**
   * The features that names, objects or tags choose, each once; all where nothing is chosen.
   *
   * @throws NAME_UNKNOWN, USAGE_INVALID where both were given
   */
  select({ features, tags }: Pick<BuildOptions<F>, "features" | "tags"> = {}): readonly AnyFeature[] {
    if (features !== undefined && tags !== undefined) {
      throw new MlforgeError("USAGE_INVALID", "features and tags were both given; give one of them", { argument: "tags" });
    }
    if (features !== undefined) return [...new Set(features.map((feature) => this.#resolve(feature)))];
    if (tags === undefined) return this.features;
    const known = new Set(this.features.flatMap((feature) => feature.tags));
    for (const tag of tags) if (!known.has(tag)) throw unknownName("tag", tag, [...known].sort());
    return this.features.filter((feature) => feature.tags.some((tag) => tags.includes(tag)));
  }

  /**
   * Builds each feature whose definition or source data differs from its latest version, and publishes it as the next version.
   *
   * A feature that fails is reported in the result and does not stop the others. An abort rejects with its reason once temporary files are gone.
   *
   * @throws NAME_UNKNOWN, VERSION_INVALID, USAGE_INVALID, before anything is done.
   */
  async build(options: BuildOptions<F> = {}): Promise<BuildResult> {
    const { features: _, tags, onFeature, ...request } = options;
    if (request.version !== undefined) parseVersion(request.version);
    expectConcurrency(request.concurrency);
    return buildFeatures(this.select(options), this.#context, request, onFeature);
  }

  /**
   * What a build with these options would do now, and why. Nothing is computed, and nothing written.
   *
   * The next number is the one that a build would publish under. A feature that cannot be planned is in the result and does not stop the others.
   *
   * @throws NAME_UNKNOWN, VERSION_INVALID, USAGE_INVALID, before anything is done.
   *
   * @example
   * const { features } = await defs.plan();
   * for (const plan of features) if (plan.action === "build") console.log(plan.feature, plan.latest, plan.next, plan.why);
   */
  async plan(options: PlanOptions<F> = {}): Promise<BuildPlan> {
    const { version, force, signal, onFeature } = options;
    if (version !== undefined) parseVersion(version);
    return planFeatures(this.select(options), this.#context, { version, force, signal }, onFeature);
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
   * const { change, data } = await defs.diff("airport_delay", { from: "1.0.0", to: "2.0.0" });
   * if (data?.kind === "compared") for (const { name, drift } of data.columns) console.log(change, name, drift);
   */
  diff(feature: FeatureNames<F> | AnyFeature, options: DiffOptions = {}): Promise<VersionDiff> {
    return diffVersions(this.#resolve(feature).name, this.#context, options);
  }

  /**
   * Computes each feature as a build would, checks its keys, runs its validators, and publishes nothing.
   *
   * Broken rules are in the result, as are features that could not be computed or whose keys are wrong.
   *
   * @throws NAME_UNKNOWN, USAGE_INVALID, before anything is done.
   */
  async validate(options: ValidateOptions<F> = {}): Promise<ValidationReport> {
    const { features: _, tags, onFeature, ...request } = options;
    expectConcurrency(request.concurrency);
    return validateFeatures(this.select(options), this.#context, request, onFeature);
  }

  /**
   * Rebuilds the data of the latest versions where it is missing or not of the recorded size: a Git clone has metadata and no data.
   *
   * A version is rebuilt only from the recorded definition and source data, and only what comes out byte for byte as recorded is put where it was.
   * Metadata is never written. What cannot be built again as it was is in `failed` with SYNC_MISMATCH; `force` publishes a new version of it.
   *
   * @throws NAME_UNKNOWN, USAGE_INVALID, before anything is done.
   *
   * @example
   * const { synced, failed } = await defs.sync();
   */
  async sync(options: SyncOptions<F> = {}): Promise<SyncResult> {
    const { features: _, tags, onFeature, ...request } = options;
    expectConcurrency(request.concurrency);
    return syncFeatures(
      this.select(options),
      this.#context,
      request,
      (forced, building) => buildFeatures(forced, this.#context, { ...building, force: true }),
      onFeature,
    );
  }

  /** Computes the first rows of a feature from its definition and publishes nothing. */
  preview(feature: FeatureNames<F> | AnyFeature, options: PreviewOptions = {}): Promise<Preview> {
    return previewFeature(this.#resolve(feature), this.#context, options);
  }

  /** The published versions of a feature. Those whose metadata cannot be read are listed apart, with what is wrong. */
  async listVersions(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<FeatureVersions> {
    const { name } = this.#resolve(feature);
    const pointer = await readPointer(this.offlineStore, name, signal);
    return { feature: name, latest: pointer?.value.version, ...(await listVersions(this.offlineStore, name, signal)) };
  }

  /** The number of the latest version of a feature, in one request; undefined if it was never built. @throws METADATA_INVALID */
  async latestVersion(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<string | undefined> {
    return (await readPointer(this.offlineStore, this.#resolve(feature).name, signal))?.value.version;
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
   * await defs.rollback("airport_delay", { version: "1.0.3", hold: true, reason: "2.0.0 counts cancelled flights" });
   * await defs.rollback("airport_delay", { previous: true });
   */
  async rollback(feature: FeatureNames<F> | AnyFeature, options: RollbackOptions): Promise<Rollback> {
    const { version, previous = false, hold = false, reason = "", dryRun = false, signal } = options;
    if ((version !== undefined) === previous) {
      const message = "give rollback either a version, such as 1.0.3, or previous: true";
      throw new MlforgeError("USAGE_INVALID", message, { argument: "version" });
    }
    const to = version === undefined ? "previous" : { version: parseVersion(version) };
    return rollBack(this.#log(feature, signal), { to, hold, reason, dryRun });
  }

  /**
   * Ends a hold of a feature: the next build makes its version latest again.
   *
   * @throws VERSION_NOT_FOUND where nothing was ever built
   */
  async release(feature: FeatureNames<F> | AnyFeature, { reason = "", signal }: ReleaseOptions = {}): Promise<Release> {
    return release(this.#log(feature, signal), reason);
  }

  /** Which version of a feature is latest, and the moves that made it so, newest first, in one request. @throws METADATA_INVALID */
  async log(feature: FeatureNames<F> | AnyFeature, { signal }: CallOptions = {}): Promise<FeatureHistory> {
    return readHistory(this.offlineStore, this.#resolve(feature).name, signal);
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
   * const { features } = await defs.prune({ keep: 3, pinned: ["airport_delay@^1.0"], locks: ["train.lock"] });
   * for (const { feature, removed } of features) console.log(feature, removed);
   */
  async prune(options: PruneOptions<F> = {}): Promise<PruneResult> {
    const { features, ...limits } = options;
    return pruneFeatures(this.select({ features }), (name) => this.feature(name), this.#context, limits);
  }

  /**
   * The metadata of a version: `latest` unless told, a number, or a range such as `^1.0`.
   *
   * @throws VERSION_NOT_FOUND, METADATA_INVALID
   */
  inspectFeature(
    feature: FeatureNames<F> | AnyFeature,
    { version = "latest", signal }: CallOptions & { readonly version?: string | undefined } = {},
  ): Promise<VersionMetadata> {
    return resolveVersion(this.offlineStore, this.#resolve(feature).name, version, signal);
  }

  /**
   * The rows of the latest version of a feature, typed by its definition.
   *
   * Read through the format where one was given, else through the engine.
   *
   * @throws VERSION_NOT_FOUND, METADATA_INVALID, COLUMN_UNKNOWN, SCHEMA_MISMATCH where the latest version is not what the definition says (it
   * changed and was not built yet); while reading: DATA_CORRUPT, CAPABILITY_MISSING
   */
  readFeature<const X extends FeatureNames<F> | AnyFeature, const C extends keyof RowOf<FeatureGiven<F, X>> & string>(
    feature: X,
    options?: ReadOptions & { readonly columns?: readonly C[] | undefined; readonly version?: undefined },
  ): Promise<FeatureData<Pick<RowOf<FeatureGiven<F, X>>, C>>>;
  /** The rows of a version: `latest`, a number, or a range such as `^1.0`. It may be of another shape than the definition, so its rows are not typed. */
  readFeature(feature: FeatureNames<F> | AnyFeature, options: ReadOptions & { readonly version: string }): Promise<FeatureData>;
  async readFeature(
    feature: FeatureNames<F> | AnyFeature,
    options: ReadOptions & { readonly version?: string | undefined } = {},
  ): Promise<FeatureData> {
    const metadata = await this.inspectFeature(feature, options);
    const data = readVersion(this.#context, metadata, options);
    if (options.version === undefined) expectDeclared(this.#resolve(feature), data, options.columns === undefined);
    return data;
  }

  /**
   * The labels, each with what was known at its time: exactly their rows, in their order, with the columns of the chosen features after theirs.
   *
   * A feature with a timestamp gives its newest row that is not after the label's and, with a `ttl`, not that old. Where there is none its columns
   * are null. A feature without a timestamp is joined as it is, with a warning unless it is `static`.
   *
   * @throws LABELS_INVALID with everything that does not fit, NAME_UNKNOWN, VERSION_NOT_FOUND, CAPABILITY_MISSING; SCHEMA_MISMATCH where the
   * latest version of a feature is not what its definition says (it changed and was not built yet); with a lock LOCK_MISMATCH
   *
   * @example
   * const training = await defs.getTrainingData({ labels: "labels.parquet", timestamp: "at", features: [airportDelay, "route_delay@^1.0"] });
   * await training.write("train.parquet");
   */
  getTrainingData<L extends Labels, const X extends readonly FeatureChoice<F>[]>(
    options: TrainingDataOptions<F, L, X>,
  ): Promise<TrainingData<TrainingRow<F, LabelRowOf<L>, X>>>;
  /** The training set that a lock describes. */
  getTrainingData(options: LockedTrainingOptions): Promise<TrainingData>;
  async getTrainingData(options: TrainingDataOptions | LockedTrainingOptions): Promise<TrainingData> {
    if (options.lock !== undefined) return lockedTrainingSet(options, this.#context);
    return chooseTrainingSet(
      options.features.map((choice) => this.#named(choice)),
      options,
      this.#context,
    );
  }

  /**
   * Why one label has the values it has: for each feature the row that was chosen, when it became known, and those that came too late.
   *
   * @throws LABELS_INVALID, NAME_UNKNOWN, VERSION_NOT_FOUND, CAPABILITY_MISSING
   */
  explainRow(options: ExplainOptions<F>): Promise<RowExplanation> {
    const choices = options.features.map((choice) => this.#named(choice));
    return explainRow(choices, options, this.#context);
  }

  /**
   * The columns that the files of sources have, beside those that are declared. Kinds that are only inferred, as in CSV, differ where a sample of
   * the values cannot be read as declared.
   *
   * A source that cannot be described is in the result and does not stop the others.
   *
   * @throws NAME_UNKNOWN
   *
   * @example
   * const { described } = await defs.describeSources({ sources: ["flights"] });
   * for (const { differences } of described) for (const { column, difference } of differences) console.log(column, difference); // delay missing
   */
  async describeSources({ sources, signal }: DescribeSourcesOptions = {}): Promise<SourceReport> {
    const chosen = sources === undefined ? [...this.sources, ...this.labels] : sources.map((name) => this.source(name));
    return describeSources(chosen, this.#context, signal);
  }

  /**
   * Whether the present credentials may do in the offline store what building, training and serving need. The store tries, and leaves nothing behind.
   *
   * What is denied is in the report. A store without `diagnose` has nothing to try, and its report has no checks.
   *
   * @throws STORE_UNAVAILABLE
   *
   * @example
   * const { jobs } = await defs.checkStore();
   * for (const { job, outcome, lacks } of jobs) console.log(job, outcome, lacks); // serving denied [ 's3:GetObject' ]
   */
  checkStore({ signal }: CallOptions = {}): Promise<StoreReport> {
    return checkStore(this.offlineStore, { signal });
  }

  /** Whether the engine runs: it answers a query that reads nothing. What is wrong is in the report. */
  checkEngine({ signal }: CallOptions = {}): Promise<EngineReport> {
    return checkEngine(this.#context.engine, { signal });
  }

  /** How the clock that stamps versions stands to that of the offline store; more than five minutes apart is wrong. @throws STORE_UNAVAILABLE */
  checkClock({ signal }: CallOptions = {}): Promise<ClockReport> {
    return checkClock(this.offlineStore, this.#context.now, { signal });
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
   * const { problems } = await defs.verify();
   * for (const { kind, key, mend } of problems) console.log(kind, key, mend);
   */
  async verify({ features, quick = false, signal, onProgress }: VerifyOptions = {}): Promise<VerifyReport> {
    const names = features?.map((feature) => (typeof feature === "string" ? feature : feature.name));
    await expectKnown(
      this.offlineStore,
      names,
      this.features.map(({ name }) => name),
      signal,
    );
    return verifyStore({ store: this.offlineStore, quick, now: this.#context.now, signal, onProgress }, names);
  }

  /** The whole offline store in one document: every feature in it, also those that are no longer defined, with all their versions. */
  async manifest({ signal }: CallOptions = {}): Promise<StoreManifest> {
    return readManifest(this.offlineStore, this.#context.now(), signal);
  }

  /** Writes {@link manifest} to `manifest.json` in the root of the offline store. `url` is where it is. */
  async writeManifest({ signal }: CallOptions = {}): Promise<{ readonly manifest: StoreManifest; readonly url: string }> {
    const manifest = await this.manifest({ signal });
    return { manifest, url: await writeManifest(this.offlineStore, manifest, signal) };
  }

  /** Where the features live here, by the profile that was chosen. */
  describePlace(): PlaceDescription {
    return describePlace(this.#chosen, this.#context);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.engine?.[Symbol.asyncDispose]();
    await this.#context.files[Symbol.asyncDispose]();
    for (const { query } of this.sources) await query?.connector[Symbol.asyncDispose]();
    await this.#context.remotes[Symbol.asyncDispose]();
    await this.offlineStore[Symbol.asyncDispose]();
  }

  #named(choice: FeatureChoice): NamedChoice {
    if (typeof choice === "string") {
      const { name, version } = splitReference(choice);
      return { feature: this.#resolve(name), version };
    }
    if (isFeature(choice)) return { feature: this.#resolve(choice) };
    return { ...choice, feature: this.#resolve(choice.feature) };
  }

  #log(feature: string | AnyFeature, signal: AbortSignal | undefined): Log {
    const { store, by, now, newId } = this.#context;
    return { store, feature: this.#resolve(feature).name, committer: { commitId: newId(), by, at: now().toISOString() }, signal };
  }

  #resolve(feature: string | AnyFeature): AnyFeature {
    return this.feature(typeof feature === "string" ? feature : feature.name);
  }
}

/** @throws USAGE_INVALID unless a number of things to do at a time is a whole one from 1. */
function expectConcurrency(concurrency: number | undefined): void {
  if (concurrency === undefined || (Number.isSafeInteger(concurrency) && concurrency > 0)) return;
  throw new MlforgeError("USAGE_INVALID", `concurrency is ${concurrency}; give a whole number from 1`, { argument: "concurrency" });
}

/** Whether a value is a `Definitions`, also one of another copy of this package. */
export function isDefinitions(value: unknown): value is Definitions {
  return typeof value === "object" && value !== null && marker in value;
}

function find<T extends { readonly name: string }>(what: "feature" | "entity" | "source", name: string, among: readonly T[]): T {
  const found = among.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  throw unknownName(
    what,
    name,
    among.map((candidate) => candidate.name),
  );
}

function unknownName(
  what: "feature" | "entity" | "source" | "tag",
  name: string,
  available: readonly string[],
): MlforgeError<"NAME_UNKNOWN"> {
  const near = nearest(name, available);
  const hint = near === undefined ? `there are ${available.join(", ") || "none"}` : `did you mean "${near}"?`;
  return new MlforgeError("NAME_UNKNOWN", `no ${what} is named "${name}"; ${hint}`, { what, name, nearest: near, available });
}
