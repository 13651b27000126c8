import type { Store } from "@mlforge/spec";
import type { BuildContext } from "../sources/context.js";
import type { ChosenEnvironment } from "./profiles.js";

/** A description of the environment of a project. Contains no credentials, since stores and engines do not reveal theirs. */
export interface EnvironmentDescription {
  /** The chosen profile. Undefined if the definitions have no profiles. */
  readonly profile: string | undefined;
  readonly profiles: readonly string[];
  readonly offlineStore: {
    readonly name: string;
    /** The URL of its root. */
    readonly url: string;
  };
  readonly engine: { readonly name: string; readonly version: string } | undefined;
  /** The name of the format. */
  readonly format: string | undefined;
  /** The URL schemes that sources, labels, and training sets can use. */
  readonly schemes: readonly string[];
}

export function describeEnvironment(
  { profile, profiles }: Omit<ChosenEnvironment, "environment">,
  context: BuildContext,
): EnvironmentDescription {
  const { store, engine, format, remotes } = context;
  return {
    profile,
    profiles,
    offlineStore: { name: store.name, url: rootOf(store) },
    engine: engine === undefined ? undefined : { name: engine.name, version: engine.version },
    format: format?.name,
    schemes: ["file", ...remotes.schemes],
  };
}

function rootOf(store: Store): string {
  return store.locate("x").replace(/x$/, "");
}
