import type { AnyFeature } from "./any-feature.js";

/** A feature, or a module that exports features. */
export type FeatureInput = AnyFeature | FeatureModule;

/** A module namespace: `import * as features from "./features.js"`. */
export type FeatureModule = Readonly<Record<string, unknown>>;

/** The features in an array of features and modules, as a union. */
export type FeaturesOf<I extends readonly unknown[]> = FeatureIn<I[number]>;

type FeatureIn<E> = E extends AnyFeature ? E : E extends object ? Extract<E[keyof E], AnyFeature> : never;

/** The feature in `F` with the name `N`. */
export type FeatureNamed<F extends AnyFeature, N extends F["name"]> = ByName<F>[N];

/** One type for all names, so that TypeScript computes it once. Comparing every name with every feature would be quadratic. */
type ByName<F extends AnyFeature> = { readonly [E in F as E["name"]]: E };

/** The names of the features in an array of features and modules. */
export type FeatureNames<I extends readonly unknown[]> = FeaturesOf<I>["name"];

/** The feature that a caller passed as an object or by name, resolved among the inputs `I`. */
export type FeatureGiven<I extends readonly unknown[], X> = X extends AnyFeature
  ? X
  : X extends FeatureNames<I>
    ? string extends FeatureNames<I>
      ? AnyFeature
      : FeatureNamed<FeaturesOf<I>, X>
    : never;
