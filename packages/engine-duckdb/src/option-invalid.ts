import { MlforgeError } from "@mlforge/spec";

/** The valid values of each option, for error messages. */
const advice = {
  memoryLimit: 'write a number and a unit, for example "2GB"',
  threads: "write a whole number of at least 1",
  tempDirectory: "name a folder that can be made and written to",
} as const;

/** Makes the error for an invalid option. */
export function optionInvalid(option: keyof typeof advice, value: string | number, cause: Error): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError(
    "USAGE_INVALID",
    `${option} of the duckdb engine is ${JSON.stringify(value)}, which cannot be used: ${cause.message}; ${advice[option]}`,
    { argument: option },
    { cause },
  );
}
