import { MlforgeError } from "@mlforge/spec";

/** What is to be written for each option, for the error about another value. */
const advice = {
  memoryLimit: 'write a number and a unit, for example "2GB"',
  threads: "write a whole number of at least 1",
  tempDirectory: "name a folder that can be made and written to",
} as const;

/** The error of an option whose value cannot be used. */
export function optionInvalid(option: keyof typeof advice, value: string | number, cause: Error): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError(
    "USAGE_INVALID",
    `${option} of the duckdb engine is ${JSON.stringify(value)}, which cannot be used: ${cause.message}; ${advice[option]}`,
    { argument: option },
    { cause },
  );
}
