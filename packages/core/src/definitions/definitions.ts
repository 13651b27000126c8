import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { type Columns, causeOf, MlforgeError, type Store } from "@mlforge/spec";
import { type BuildResult, buildFeatures } from "../build/build.js";
import { type BuildPlan, planFeatures } from "../build/plan-features.js";
import { type Preview, type PreviewOptions, previewFeature } from "../build/preview.js";
import { type ValidationReport, validateFeatures } from "../build/validate.js";
import type { AnyFeature, RowOf } from "../define/any-feature.js";
import type { AnyEntity } from "../define/entity.js";
import type { FeatureGiven, FeatureInput, FeatureNames } from "../define/features-of.js";
import type { AnySource } from "../define/source.js";
import type { CheckedVersion } from "../define/version-text.js";
import { checkEngine, type EngineReport } from "../diagnose/check-engine.js";
import { describeSources, type SourceReport } from "../diagnose/describe-sources.js";
import { checkPlugins } from "../environment/check-plugins.js";
import { describeEnvironment, type EnvironmentDescription } from "../environment/describe-environment.js";
import { type ChosenEnvironment, chooseEnvironment } from "../environment/profiles.js";
import { collectFeatures } from "../features/collect-features.js";
import { parseVersion } from "../log/version.js";
import { expectDeclared } from "../read/expect-declared.js";
import { type FeatureData, type ReadColumn, type ReadOptions, type ReadRow, readVersion } from "../read/read-feature.js";
import type { BuildContext } from "../sources/context.js";
import { FileCache } from "../sources/file-cache.js";
import { RemoteFiles } from "../sources/remote-files.js";
import { Remotes } from "../sources/remotes.js";
import { stagingEngine } from "../sources/staging-engine.js";
import { type SyncResult, syncFeatures } from "../sync/sync.js";
import { type ExplainOptions, explainRow, type RowExplanation } from "../train/explain-row.js";
import type { FeatureChoice, KnownLabels, LabelTimes, TrainingRow } from "../train/feature-choice.js";
import type { Labels } from "../train/labels.js";
import type { TrainingData } from "../train/training-data.js";
import { chooseTrainingSet, type LockedTrainingOptions, lockedTrainingSet, type TrainingDataOptions } from "../train/training-set.js";
import type {
  BuildOptions,
  CallOptions,
  DefinitionsOptions,
  DescribeSourcesOptions,
  NumberedVersion,
  PlanOptions,
  SyncOptions,
  ValidateOptions,
} from "./definitions-options.js";
import { find, Project } from "./project.js";
import { StoreGroup } from "./store-group.js";
import { Versions } from "./versions.js";

/** Any string. A union with it still completes its other names. */
type AnyName = string & {};

const marker: unique symbol = Symbol.for("mlforge.definitions.v1");

/**
 * Holds the features of a project, the store that keeps them, and the engine that computes them.
 *
 * @throws DEFINITION_INVALID, which lists every problem of the given features; CAPABILITY_MISSING for a plugin that implements another spec version;
 * NAME_UNKNOWN or PROFILE_FAILED for a bad profile
 */
export class Definitions<const F extends readonly FeatureInput[] = readonly FeatureInput[]> implements AsyncDisposable {
  readonly name: string;
  readonly features: readonly AnyFeature[];
  readonly entities: readonly AnyEntity[];
  /** The sources that features read, also in joins and SQL, and those in `sources` of the options. */
  readonly sources: readonly AnySource[];
  /** The declared sources of labels. */
  readonly labels: readonly AnySource[];
  readonly offlineStore: Store;
  /** The versions of each feature: list and compare them, and choose which one is latest. */
  readonly versions: Versions<F>;
  /** The offline store as a whole: verify it, prune it, describe it. */
  readonly store: StoreGroup<F>;
  readonly #chosen: Omit<ChosenEnvironment, "environment">;
  readonly #context: BuildContext;
  readonly #project: Project;

  constructor(options: DefinitionsOptions<F>) {
    const { features, entities, sources, labels } = collectFeatures(options.features, options.labels, options.sources);
    this.name = options.name;
    this.features = features;
    this.entities = entities;
    this.sources = sources;
    this.labels = labels;
    const { environment, ...chosen } = chooseEnvironment(options, process.env);
    checkPlugins(environment);
    this.#chosen = chosen;
    this.offlineStore = environment.offlineStore;
    const cache = new FileCache(environment.cache);
    const files = new RemoteFiles(cache);
    const { remote } = environment.offlineStore;
    this.#context = {
      store: environment.offlineStore,
      engine: environment.engine === undefined ? undefined : stagingEngine(environment.engine, files),
      localEngine: environment.engine,
      files,
      cache,
      remotes: new Remotes(environment.remotes ?? [], remote === undefined ? [] : [remote]),
      format: environment.format,
      by: options.by ?? userInfo().username,
      now: options.now ?? ((): Date => new Date()),
      newId: randomUUID,
    };
    this.#project = new Project(features, this.#context);
    this.versions = new Versions(this.#project);
    this.store = new StoreGroup(this.#project);
    Object.defineProperty(this, marker, { value: true });
  }

  /** Returns a feature by name. @throws NAME_UNKNOWN */
  feature(name: string): AnyFeature {
    return this.#project.feature(name);
  }

  /** Returns an entity by name. @throws NAME_UNKNOWN */
  entity(name: string): AnyEntity {
    return find("entity", name, this.entities);
  }

  /** Returns a source by name, including sources of labels. @throws NAME_UNKNOWN */
  source(name: string): AnySource {
    return find("source", name, [...this.sources, ...this.labels]);
  }

  /**
   * Returns the features selected by name, object, or tag, each once. Returns all features if nothing is selected.
   *
   * @throws NAME_UNKNOWN, USAGE_INVALID if both features and tags are given
   */
  select(options: Pick<BuildOptions<F>, "features" | "tags"> = {}): readonly AnyFeature[] {
    return this.#project.select(options);
  }

  /**
   * Builds each feature whose definition or source data differs from its latest version, and publishes it as the next version.
   *
   * A feature that fails is reported in the result and does not stop the others. An abort rejects with its reason after temporary files are deleted.
   *
   * @throws NAME_UNKNOWN, VERSION_INVALID, USAGE_INVALID, before anything is done.
   */
  async build<const V extends string = string>(options: BuildOptions<F> & NumberedVersion<V> = {}): Promise<BuildResult> {
    const { features: _, tags, onFeature, ...request } = options;
    if (request.version !== undefined) parseVersion(request.version);
    expectConcurrency(request.concurrency);
    return buildFeatures(this.select(options), this.#context, request, onFeature);
  }

  /**
   * Reports what a build with these options would do now, and why. Computes and writes nothing.
   *
   * The next number is the one a build would publish under. A feature that cannot be planned is reported in the result and does not stop the others.
   *
   * @throws NAME_UNKNOWN, VERSION_INVALID, USAGE_INVALID, before anything is done.
   *
   * @example
   * const { features } = await defs.plan();
   * for (const plan of features) if (plan.action === "build") console.log(plan.feature, plan.latest, plan.next, plan.why);
   */
  async plan<const V extends string = string>(options: PlanOptions<F> & NumberedVersion<V> = {}): Promise<BuildPlan> {
    const { version, force, rehash, signal, onFeature } = options;
    if (version !== undefined) parseVersion(version);
    return planFeatures(this.select(options), this.#context, { version, force, rehash, signal }, onFeature);
  }

  /**
   * Computes each feature as a build would, checks its keys, and runs its validators. Publishes nothing.
   *
   * The result lists failed rules, and features that cannot be computed or have invalid keys.
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
   * Metadata is never written. A version that cannot be rebuilt exactly is in `failed` with SYNC_MISMATCH; `force` publishes a new version instead.
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

  /** Computes the first rows of a feature from its definition. Publishes nothing. */
  preview(feature: FeatureNames<F> | AnyFeature, options: PreviewOptions = {}): Promise<Preview> {
    return withCause(previewFeature(this.#project.feature(feature), this.#context, options));
  }

  /**
   * Returns the rows of a version of a feature: `latest` (the default), a number, or a range such as `^1.0`.
   *
   * Rows are typed by the definition, but not if a version is given, because a version can differ from the definition. Reads with the format if one
   * was given, otherwise with the engine.
   *
   * @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID, COLUMN_UNKNOWN, SCHEMA_MISMATCH if no version is given and the latest one does not
   * match the definition (it changed and was not built yet); while reading: DATA_CORRUPT, CAPABILITY_MISSING
   */
  readFeature<
    const X extends FeatureNames<F> | AnyFeature,
    const C extends ReadColumn<RowOf<FeatureGiven<F, X>>, V>,
    const V extends string | undefined = undefined,
  >(
    feature: X,
    options?: ReadOptions & { readonly columns?: readonly C[] | undefined; readonly version?: (V & CheckedVersion<V>) | undefined },
  ): Promise<FeatureData<ReadRow<RowOf<FeatureGiven<F, X>>, C, V>>>;
  async readFeature(
    feature: FeatureNames<F> | AnyFeature,
    options: ReadOptions & { readonly version?: string | undefined } = {},
  ): Promise<FeatureData> {
    const metadata = await this.versions.inspect(feature, options);
    const data = readVersion(this.#context, metadata, options);
    if (options.version === undefined) expectDeclared(this.#project.feature(feature), data, options.columns === undefined);
    return data;
  }

  /**
   * Joins each label with the feature values known at its time. Keeps the rows and order of the labels, and appends the columns of the features.
   *
   * For a feature with a timestamp, each label gets the newest row that is not later than the label and, with a `ttl`, not older than that. If no
   * such row exists, the columns are null. A feature without a timestamp is joined by key only, with a warning unless it is `static`.
   *
   * @throws LABELS_INVALID, which lists every problem, NAME_UNKNOWN, VERSION_NOT_FOUND, CAPABILITY_MISSING; SCHEMA_MISMATCH if the latest version
   * of a feature does not match its definition (it changed and was not built yet); LOCK_MISMATCH with a lock
   *
   * @example
   * const training = await defs.getTrainingData({ labels: "labels.parquet", timestamp: "at", features: [airportDelay, "route_delay@^1.0"] });
   * await training.write("train.parquet");
   */
  getTrainingData<
    L extends Labels,
    const T extends LabelTimes<L> | AnyName | undefined = undefined,
    const Y extends Columns = Record<never, never>,
    const X extends readonly FeatureChoice<F>[] = never,
    const W extends boolean | undefined = false,
  >(
    options: TrainingDataOptions<F, L, X, T, Y, W> | LockedTrainingOptions<L>,
  ): Promise<[X] extends [never] ? TrainingData : TrainingData<TrainingRow<F, KnownLabels<F, L, T, Y, X>, X, W>>>;
  async getTrainingData(options: TrainingDataOptions | LockedTrainingOptions): Promise<TrainingData> {
    if (options.lock !== undefined) return withCause(lockedTrainingSet(options, this.#context));
    const choices = options.features.map((choice) => this.#project.choice(choice));
    return withCause(chooseTrainingSet(choices, options, this.#context));
  }

  /**
   * Explains the values of one label: for each feature, the row that was chosen, when it became known, and the rows that came too late.
   *
   * @throws LABELS_INVALID, NAME_UNKNOWN, VERSION_NOT_FOUND, CAPABILITY_MISSING
   */
  explainRow(options: ExplainOptions<F>): Promise<RowExplanation> {
    const choices = options.features.map((choice) => this.#project.choice(choice));
    return withCause(explainRow(choices, options, this.#context));
  }

  /**
   * Compares the columns in the files of sources with the declared ones. For inferred kinds, as in CSV, a column differs if a sample of its values
   * cannot be read as declared.
   *
   * A source that cannot be described is reported in the result and does not stop the others.
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

  /** Checks that the engine runs, with a query that reads no data. The report says what is wrong. */
  checkEngine({ signal }: CallOptions = {}): Promise<EngineReport> {
    return checkEngine(this.#context.engine, { signal });
  }

  /** Describes where the features live, for the selected profile. */
  describeEnvironment(): EnvironmentDescription {
    return describeEnvironment(this.#chosen, this.#context);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.engine?.[Symbol.asyncDispose]();
    await this.#context.files[Symbol.asyncDispose]();
    for (const { query } of this.sources) await query?.connector[Symbol.asyncDispose]();
    await this.#context.remotes[Symbol.asyncDispose]();
    await this.offlineStore[Symbol.asyncDispose]();
  }
}

/** Rejects with the original error if disposing of something failed after it. */
function withCause<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    throw causeOf(error);
  });
}

/** Checks that `concurrency` is an integer of at least 1. @throws USAGE_INVALID */
function expectConcurrency(concurrency: number | undefined): void {
  if (concurrency === undefined || (Number.isSafeInteger(concurrency) && concurrency > 0)) return;
  throw new MlforgeError("USAGE_INVALID", `concurrency must be an integer of at least 1, got ${concurrency}`, { argument: "concurrency" });
}

/** Returns true if a value is a `Definitions`, including one from another copy of this package. */
export function isDefinitions(value: unknown): value is Definitions {
  return typeof value === "object" && value !== null && marker in value;
}
