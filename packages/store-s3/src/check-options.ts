import { checkStoreKey, MlforgeError } from "@mlforge/spec";
import type { S3RemoteOptions, S3StoreOptions } from "./s3-options.js";

/** S3's minimum size of all parts except the last. */
export const minPartBytes: number = 5 * 1_024 ** 2;
const maxPartBytes = 5 * 1_024 ** 3;

const flags = ["forcePathStyle", "accelerate", "dualStack", "singleWriter"] as const;
const timeouts = ["connectTimeout", "answerTimeout", "copyTimeout", "retryTimeout"] as const;
const connection = ["region", "endpoint", "forcePathStyle", "accelerate", "dualStack", ...timeouts] as const;
/** The longest time that a timer of Node can wait. */
const maxTimeout = 2 ** 31 - 1;

/** Checks the options. @throws USAGE_INVALID, which names the option */
export function checkRemoteOptions(options: S3RemoteOptions): void {
  const { endpoint, region, partSize, concurrency, client } = options;
  for (const flag of flags) checkFlag(flag, options[flag]);
  if (region !== undefined && !/^[a-z0-9-]+$/.test(region)) throw invalid("region", region, "use the name of a region, such as eu-west-1");
  if (endpoint !== undefined) checkEndpoint(endpoint);
  if (partSize !== undefined && !(Number.isSafeInteger(partSize) && partSize >= minPartBytes && partSize <= maxPartBytes)) {
    throw invalid("partSize", partSize, `use a number of bytes from ${minPartBytes} (5 MiB) to ${maxPartBytes} (5 GiB)`);
  }
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1)) {
    throw invalid("concurrency", concurrency, "use an integer from 1");
  }
  for (const name of timeouts) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1 && value <= maxTimeout)) {
      throw invalid(name, value, `use an integer of milliseconds from 1 to ${maxTimeout}`);
    }
  }
  if (options.accelerate === true && endpoint !== undefined) {
    throw invalid("accelerate", true, "only Amazon's own endpoints support acceleration; remove accelerate or endpoint");
  }
  const both = client === undefined ? undefined : connection.find((name) => options[name] !== undefined);
  if (both !== undefined) throw invalid(both, options[both], "the given client is already configured; remove this option or client");
}

/** Checks the options like `checkRemoteOptions`, and returns the prefix of all keys: empty, or ending with `/`. @throws USAGE_INVALID */
export function checkStoreOptions(options: S3StoreOptions): { readonly prefix: string } {
  checkRemoteOptions(options);
  checkBucket(options.bucket);
  checkFlag("writeOnly", options.writeOnly);
  if (options.writeOnly === true && options.singleWriter === true) {
    throw invalid("writeOnly", true, "singleWriter reads an object before replacing it; remove one of the two");
  }
  return { prefix: checkedPrefix(options.prefix ?? "") };
}

/** Checks the name of a bucket. @throws USAGE_INVALID */
export function checkBucket(bucket: string): void {
  const isName = typeof bucket === "string" && /^[a-z0-9][a-z0-9._-]{1,253}[a-z0-9]$/i.test(bucket);
  if (isName && !bucket.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(bucket)) return;
  throw invalid(
    "bucket",
    bucket,
    "use the plain name of the bucket (3 or more letters, digits, dots, and hyphens), or the alias of an access point",
  );
}

function checkedPrefix(prefix: string): string {
  if (prefix === "") return "";
  const folders = String(prefix).replace(/\/$/, "");
  try {
    checkStoreKey("s3", folders);
  } catch (error) {
    throw invalid("prefix", prefix, 'use "/"-separated segments that are not empty, "." or "..", such as prod/features', error);
  }
  return `${folders}/`;
}

function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  // The value is not shown, because it can contain a password.
  const shown = url === undefined || url.username !== "" || url.password !== "" ? "what was given" : endpoint;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalid("endpoint", shown, "use an http or https URL");
  if (url.username !== "" || url.password !== "")
    throw invalid("endpoint", shown, "it contains credentials; set them in the environment instead");
  if (url.search !== "" || url.hash !== "") throw invalid("endpoint", shown, "remove everything after the path");
}

function checkFlag(name: string, value: boolean | undefined): void {
  if (value !== undefined && typeof value !== "boolean") throw invalid(name, value, "use true or false");
}

function invalid(argument: string, value: unknown, advice: string, cause?: unknown): MlforgeError {
  const message = `the option ${argument} of the S3 store cannot be ${JSON.stringify(value)}: ${advice}`;
  return new MlforgeError("USAGE_INVALID", message, { argument }, { cause });
}
