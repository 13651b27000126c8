import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { formatBytes } from "../quantity.js";
import type { Findings } from "./doctor.js";

/** The Node that runs this command, and the machine it is on. */
export async function nodeFindings(): Promise<Findings> {
  const version = process.versions.node;
  const [platform, memory] = [`${process.platform} ${process.arch}`, usableMemory()];
  const needed = neededVersion();
  const passed = compare(version, needed) >= 0;
  return {
    document: { version, needed, platform, memory, passed },
    text: `node: ${version} on ${platform}, ${formatBytes(memory)} of memory`,
    problem: passed ? undefined : `this is Node ${version}, and mlforge needs ${needed} or newer; install a newer Node`,
  };
}

/** Bytes; fewer than the machine has where this process is confined. */
function usableMemory(): number {
  const [all, confined] = [totalmem(), process.constrainedMemory()];
  return confined > 0 && confined < all ? confined : all;
}

/** The oldest Node that mlforge is tested on. */
function neededVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const [, version] = /"node": ">=(\d+\.\d+\.\d+)"/.exec(manifest) ?? [];
  if (version === undefined) throw new TypeError("package.json does not say which Node is needed");
  return version;
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
