import type { Store } from "@mlforge/spec";
import type { BuildContext } from "../sources/context.js";
import type { ChosenEnvironment } from "./profiles.js";

/** What a project works with here. It has no credentials in it: stores and engines keep theirs to themselves. */
export interface EnvironmentDescription {
  /** The chosen profile; undefined where the definitions have none. */
  readonly profile: string | undefined;
  readonly profiles: readonly string[];
  readonly offlineStore: {
    readonly name: string;
    /** Its root, as a URL. */
    readonly url: string;
  };
  readonly engine: { readonly name: string; readonly version: string } | undefined;
  /** The name of the format. */
  readonly format: string | undefined;
  /** The URL schemes of sources, labels and training sets. */
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
