import { isMlforgeError, MlforgeError, nearest, type Store, suggest } from "@mlforge/spec";
import type { Environment } from "./environment.js";

/** Environments by name: `local`, `staging`, `prod`. Each function is called only if its profile is chosen. */
export type Profiles = Readonly<Record<string, () => Environment>>;

/** The environment of a project, or one environment for each profile. */
export type EnvironmentOptions =
  | (Environment & { readonly profiles?: undefined; readonly defaultProfile?: undefined })
  | (Omit<Partial<Environment>, "offlineStore"> & {
      /**
       * Named environments. Only the chosen one is evaluated, so missing settings of another profile cause no error. Options that a profile does not
       * return are taken from the options beside `profiles`.
       */
      readonly profiles: Profiles;
      /** The profile to use if neither `--profile` nor MLFORGE_PROFILE names one. Defaults to the first profile. */
      readonly defaultProfile?: string | undefined;
      readonly offlineStore?: undefined;
    });

/** The chosen profile and its environment. The name is undefined if there are no profiles. */
export interface ChosenEnvironment {
  readonly profile: string | undefined;
  /** The names of all profiles. */
  readonly profiles: readonly string[];
  readonly environment: Environment;
}

/** The environment variable that names the profile to use. Takes precedence over the default of the project. `mlforge --profile` sets it. */
export const profileVariable = "MLFORGE_PROFILE";

/**
 * Returns the environment of the profile that the variable names, otherwise of the default profile, otherwise of the first.
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
  throw new MlforgeError("PROFILE_FAILED", `profile "${profile}" must return an offlineStore; return { offlineStore: ... }`, { profile });
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
  const known = available.length === 0 ? "these definitions have no profiles" : `known profiles: ${available.join(", ")}`;
  const hint = suggest(name, available, known);
  return new MlforgeError("NAME_UNKNOWN", `no profile is named "${name}"; ${hint}`, { what: "profile", name, nearest: near, available });
}
