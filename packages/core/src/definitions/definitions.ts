import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { MlforgeError, type Store } from "@mlforge/spec";
import { type BuildResult, buildFeatures } from "../build/build.js";
import { type BuildPlan, planFeatures } from "../build/plan-features.js";
import { type Preview, type PreviewOptions, previewFeature } from "../build/preview.js";
import { type ValidationReport, validateFeatures } from "../build/validate.js";
import type { AnyFeature, RowOf } from "../define/any-feature.js";
import type { AnyEntity } from "../define/entity.js";
import type { FeatureGiven, FeatureInput, FeatureNames } from "../define/features-of.js";
import type { AnySource } from "../define/source.js";
import { checkEngine, type EngineReport } from "../diagnose/check-engine.js";
import { describeSources, type SourceReport } from "../diagnose/describe-sources.js";
import { checkPlugins } from "../environment/check-plugins.js";
import { describeEnvironment, type EnvironmentDescription } from "../environment/describe-environment.js";
import { type ChosenEnvironment, chooseEnvironment } from "../environment/profiles.js";
import { collectFeatures } from "../features/collect-features.js";
import { parseVersion } from "../log/version.js";
import { expectDeclared } from "../read/expect-declared.js";
import { type FeatureData, type ReadOptions, readVersion } from "../read/read-feature.js";
import type { BuildContext } from "../sources/context.js";
import { FileCache } from "../sources/file-cache.js";
import { RemoteFiles } from "../sources/remote-files.js";
import { Remotes } from "../sources/remotes.js";
import { stagingEngine } from "../sources/staging-engine.js";
import { type SyncResult, syncFeatures } from "../sync/sync.js";
import { type ExplainOptions, explainRow, type RowExplanation } from "../train/explain-row.js";
import type { FeatureChoice, TrainingRow } from "../train/feature-choice.js";
import type { LabelRowOf, Labels } from "../train/labels.js";
import type { TrainingData } from "../train/training-data.js";
import { chooseTrainingSet, type LockedTrainingOptions, lockedTrainingSet, type TrainingDataOptions } from "../train/training-set.js";
import type {
  BuildOptions,
  CallOptions,
  DefinitionsOptions,
  DescribeSourcesOptions,
  PlanOptions,
  SyncOptions,
  ValidateOptions,
} from "./definitions-options.js";
import { find, Project } from "./project.js";
import { StoreGroup } from "./store-group.js";
import { Versions } from "./versions.js";

const marker: unique symbol = Symbol.for("mlforge.definitions.v1");

/**
 * A project's features, with the store that keeps them and the engine that computes them.
 *
 * @throws DEFINITION_INVALID with every problem of the given features. CAPABILITY_MISSING for a plugin of another version of the contracts. Of its
 * profile NAME_UNKNOWN, PROFILE_FAILED.
 */
export class Definitions<const F extends readonly FeatureInput[] = readonly FeatureInput[]> implements AsyncDisposable {
  readonly name: string;
  readonly features: readonly AnyFeature[];
  readonly entities: readonly AnyEntity[];
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
    const { features, entities, sources, labels } = collectFeatures(options.features, options.labels);
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

  /** @throws NAME_UNKNOWN */
  feature(name: string): AnyFeature {
    return this.#project.feature(name);
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
  select(options: Pick<BuildOptions<F>, "features" | "tags"> = {}): readonly AnyFeature[] {
    return this.#project.select(options);
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
    return previewFeature(this.#project.feature(feature), this.#context, options);
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
    const metadata = await this.versions.inspect(feature, options);
    const data = readVersion(this.#context, metadata, options);
    if (options.version === undefined) expectDeclared(this.#project.feature(feature), data, options.columns === undefined);
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
      options.features.map((choice) => this.#project.choice(choice)),
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
    const choices = options.features.map((choice) => this.#project.choice(choice));
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

  /** Whether the engine runs: it answers a query that reads nothing. What is wrong is in the report. */
  checkEngine({ signal }: CallOptions = {}): Promise<EngineReport> {
    return checkEngine(this.#context.engine, { signal });
  }

  /** Where the features live here, by the profile that was chosen. */
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

/** @throws USAGE_INVALID unless a number of things to do at a time is a whole one from 1. */
function expectConcurrency(concurrency: number | undefined): void {
  if (concurrency === undefined || (Number.isSafeInteger(concurrency) && concurrency > 0)) return;
  throw new MlforgeError("USAGE_INVALID", `concurrency is ${concurrency}; give a whole number from 1`, { argument: "concurrency" });
}

/** Whether a value is a `Definitions`, also one of another copy of this package. */
export function isDefinitions(value: unknown): value is Definitions {
  return typeof value === "object" && value !== null && marker in value;
}
