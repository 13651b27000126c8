import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { formatBytes } from "../../quantity.js";
import type { Findings } from "./run.js";

/** Checks the Node version, and reports the platform and memory of the machine. */
export async function nodeFindings(): Promise<Findings> {
  const version = process.versions.node;
  const [platform, memory] = [`${process.platform} ${process.arch}`, usableMemory()];
  const needed = neededVersion();
  const passed = compare(version, needed) >= 0;
  return {
    document: { version, needed, platform, memory, passed },
    text: `node: ${version} on ${platform}, ${formatBytes(memory)} of memory`,
    problem: passed ? undefined : `Node ${version} is too old: mlforge needs ${needed} or newer. Install a newer version of Node`,
  };
}

/** Returns the memory that this process can use, in bytes. A container may have less than the machine. */
function usableMemory(): number {
  const [all, confined] = [totalmem(), process.constrainedMemory()];
  return confined > 0 && confined < all ? confined : all;
}

/** Returns the oldest Node version that mlforge is tested on. */
function neededVersion(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const [, version] = /"node": ">=(\d+\.\d+\.\d+)"/.exec(manifest) ?? [];
  if (version === undefined) throw new TypeError("package.json has no minimum Node version");
  return version;
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
