import { isMlforgeError, MlforgeError, nearest, type Store } from "@mlforge/spec";
import type { Environment } from "./environment.js";

/** Where a project's features live, by name: `local`, `staging`, `prod`. Each is called only where it is chosen. */
export type Profiles = Readonly<Record<string, () => Environment>>;

/** The places of a project: one, or one for each profile. */
export type EnvironmentOptions =
  | (Environment & { readonly profiles?: undefined; readonly defaultProfile?: undefined })
  | (Omit<Partial<Environment>, "offlineStore"> & {
      /**
       * Named environments. Only the chosen one is evaluated, so that what another one lacks breaks nothing. What a profile does not give is taken
       * from the options beside it.
       */
      readonly profiles: Profiles;
      /** The one to use where neither `--profile` nor MLFORGE_PROFILE names one; the first unless told. */
      readonly defaultProfile?: string | undefined;
      readonly offlineStore?: undefined;
    });

/** The profile that was chosen, and its environment. Without profiles it has no name. */
export interface ChosenEnvironment {
  readonly profile: string | undefined;
  /** The names of all profiles. */
  readonly profiles: readonly string[];
  readonly environment: Environment;
}

/** What names the profile to use, before the project's own default. `mlforge --profile` sets it. */
export const profileVariable = "MLFORGE_PROFILE";

/**
 * The environment of the profile that `environment` names, else of the default, else of the first.
 *
 * @throws NAME_UNKNOWN, PROFILE_FAILED
 */
export function chooseEnvironment(
  options: EnvironmentOptions,
  environment: Readonly<Record<string, string | undefined>>,
): ChosenEnvironment {
  const asked = environment[profileVariable] || undefined;
  if (options.profiles === undefined) {
    if (asked !== undefined) throw unknownProfile(asked, []);
    return { profile: undefined, profiles: [], environment: options };
  }
  const { profiles, defaultProfile, ...shared } = options;
  const names = Object.keys(profiles);
  const profile = asked ?? defaultProfile ?? names[0] ?? "";
  const evaluate = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  if (evaluate === undefined) throw unknownProfile(profile, names);
  return { profile, profiles: names, environment: { ...shared, ...environmentOf(profile, evaluate) } };
}

function environmentOf(profile: string, evaluate: () => Environment): Environment {
  const environment = attempt(profile, evaluate);
  if (isEnvironment(environment)) return environment;
  throw new MlforgeError("PROFILE_FAILED", `profile "${profile}" gives no offlineStore; return { offlineStore: ... }`, { profile });
}

function attempt(profile: string, evaluate: () => Environment): unknown {
  try {
    return evaluate();
  } catch (error) {
    if (isMlforgeError(error) && error.code !== "ENVIRONMENT_MISSING") throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MlforgeError("PROFILE_FAILED", `profile "${profile}" cannot be used: ${reason}`, { profile }, { cause: error });
  }
}

function isEnvironment(value: unknown): value is Environment {
  return typeof value === "object" && value !== null && "offlineStore" in value && isStore(value.offlineStore);
}

function isStore(value: unknown): value is Store {
  return typeof value === "object" && value !== null && "specVersion" in value && "locate" in value;
}

function unknownProfile(name: string, available: readonly string[]): MlforgeError<"NAME_UNKNOWN"> {
  const near = nearest(name, available);
  const known = available.length === 0 ? "these definitions have no profiles" : `there are ${available.join(", ")}`;
  const hint = near === undefined ? known : `did you mean "${near}"?`;
  return new MlforgeError("NAME_UNKNOWN", `no profile is named "${name}"; ${hint}`, { what: "profile", name, nearest: near, available });
}
