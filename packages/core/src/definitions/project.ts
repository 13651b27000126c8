import { MlforgeError, nearest, suggest } from "@mlforge/spec";
import { type AnyFeature, isFeature } from "../define/any-feature.js";
import type { Log } from "../log/publish.js";
import { splitReference } from "../read/reference.js";
import type { BuildContext } from "../sources/context.js";
import type { NamedChoice } from "../train/chosen-feature.js";
import type { FeatureChoice } from "../train/feature-choice.js";

interface SelectedFeatures {
  readonly features?: readonly (string | AnyFeature)[] | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** Holds the features and the context of a project, which {@link Definitions} and its groups share. */
export class Project {
  readonly features: readonly AnyFeature[];
  readonly context: BuildContext;

  constructor(features: readonly AnyFeature[], context: BuildContext) {
    this.features = features;
    this.context = context;
  }

  /** Returns the defined feature with this name, or with the name of the given feature. @throws NAME_UNKNOWN */
  feature(feature: string | AnyFeature): AnyFeature {
    return find("feature", typeof feature === "string" ? feature : feature.name, this.features);
  }

  /** Returns the selected features, each once. @throws NAME_UNKNOWN, USAGE_INVALID if both are given */
  select({ features, tags }: SelectedFeatures = {}): readonly AnyFeature[] {
    if (features !== undefined && tags !== undefined) {
      throw new MlforgeError("USAGE_INVALID", "pass either features or tags, not both", { argument: "tags" });
    }
    if (features !== undefined) return [...new Set(features.map((feature) => this.feature(feature)))];
    if (tags === undefined) return this.features;
    const known = new Set(this.features.flatMap((feature) => feature.tags));
    for (const tag of tags) if (!known.has(tag)) throw unknownName("tag", tag, [...known].sort());
    return this.features.filter((feature) => feature.tags.some((tag) => tags.includes(tag)));
  }

  choice(choice: FeatureChoice): NamedChoice {
    if (typeof choice === "string") {
      const { name, version } = splitReference(choice);
      return { feature: this.feature(name), version };
    }
    if (isFeature(choice)) return { feature: this.feature(choice) };
    return { ...choice, feature: this.feature(choice.feature) };
  }

  logOf(feature: string | AnyFeature, signal: AbortSignal | undefined): Log {
    const { store, by, now, newId } = this.context;
    return { store, feature: this.feature(feature).name, committer: { commitId: newId(), by, at: now().toISOString() }, signal };
  }
}

/** Finds a definition by name. @throws NAME_UNKNOWN, which suggests the nearest name */
export function find<T extends { readonly name: string }>(what: "feature" | "entity" | "source", name: string, among: readonly T[]): T {
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
  const hint = suggest(name, available, `known ${what === "entity" ? "entities" : `${what}s`}: ${available.join(", ") || "none"}`);
  const details = { what, name, nearest: nearest(name, available), available };
  return new MlforgeError("NAME_UNKNOWN", `no ${what} is named "${name}"; ${hint}`, details);
}
