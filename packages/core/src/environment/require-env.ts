import { MlforgeError } from "@mlforge/spec";

/**
 * The value of an environment variable that a profile cannot do without.
 *
 * @throws ENVIRONMENT_MISSING where it is not set, or empty.
 *
 * @example
 * profiles: { prod: () => ({ offlineStore: new S3Store({ bucket: requireEnv("FEATURE_BUCKET") }) }) }
 */
export function requireEnv(variable: string): string {
  const value = process.env[variable];
  if (value !== undefined && value !== "") return value;
  throw new MlforgeError("ENVIRONMENT_MISSING", `the environment variable ${variable} is not set; set it`, { variable });
}
