import type { AnyFeature } from "./any-feature.js";

/** What features can be given as: each by itself, or all that a module exports. */
export type FeatureInput = AnyFeature | FeatureModule;

/** A module namespace: `import * as features from "./features.js"`. */
export type FeatureModule = Readonly<Record<string, unknown>>;

/** The features in an array of features and modules, as a union. */
export type FeaturesOf<I extends readonly unknown[]> = FeatureIn<I[number]>;

type FeatureIn<E> = E extends AnyFeature ? E : E extends object ? Extract<E[keyof E], AnyFeature> : never;

/** Those of the features `F` that have the name `N`. */
export type FeatureNamed<F extends AnyFeature, N extends F["name"]> = ByName<F>[N];

/** One type for all names, since TypeScript makes it once: to compare every name with every feature grows with the square. */
type ByName<F extends AnyFeature> = { readonly [E in F as E["name"]]: E };

/** The names of the features in an array of features and modules. */
export type FeatureNames<I extends readonly unknown[]> = FeaturesOf<I>["name"];

/** The feature a caller gave, among the inputs `I`, as an object or by its name. */
export type FeatureGiven<I extends readonly unknown[], X> = X extends AnyFeature
  ? X
  : X extends FeatureNames<I>
    ? string extends FeatureNames<I>
      ? AnyFeature
      : FeatureNamed<FeaturesOf<I>, X>
    : never;
