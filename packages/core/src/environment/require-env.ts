import { MlforgeError } from "@mlforge/spec";

/**
 * Returns the value of an environment variable that a profile requires.
 *
 * @throws ENVIRONMENT_MISSING if it is not set or empty
 *
 * @example
 * profiles: { prod: () => ({ offlineStore: new S3Store({ bucket: requireEnv("FEATURE_BUCKET") }) }) }
 */
export function requireEnv(variable: string): string {
  const value = process.env[variable];
  if (value !== undefined && value !== "") return value;
  throw new MlforgeError("ENVIRONMENT_MISSING", `the environment variable ${variable} is not set; set it`, { variable });
}
