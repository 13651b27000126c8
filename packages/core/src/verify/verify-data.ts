import type { ObjectInfo } from "@mlforge/spec";
import pMap from "p-map";
import { dataKey, inputsKey } from "../log/keys.js";
import type { DataFile, VersionMetadata } from "../log/metadata.js";
import type { DataReader } from "./data-reader.js";
import type { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";
import { unreadableFix, whyUnreadable } from "./unreadable.js";

/** Compares the data of a version with its metadata, and finds files that the metadata does not name. */
export async function verifyData(
  { store, quick, signal }: VerifyRun,
  { name: feature, version, files, periods }: VersionMetadata,
  others: readonly ObjectInfo[],
  reader: DataReader,
  findings: Findings,
): Promise<void> {
  const listed = new Map(others.map((info) => [info.key, info]));
  // This file is optional: without it, the next build reads the sources again.
  if (periods !== undefined) listed.delete(inputsKey(feature, version));
  const otherwise = `Otherwise restore it from a backup, or publish a new version: mlforge build --force --features ${feature}`;
  const fix = `If its version is latest, rebuild it: mlforge sync --features ${feature}. ${otherwise}`;
  const contentFix = `If its version is latest, rebuild it: mlforge sync --verify --features ${feature}. ${otherwise}`;
  const verifyFile = async ({ path, size, sha256 }: DataFile): Promise<void> => {
    const subject = { feature, version, key: dataKey(feature, version, path) };
    const found = listed.get(subject.key);
    listed.delete(subject.key);
    const missing = (message: string): void => findings.problem("data-missing", subject, message, fix);
    if (found === undefined) return missing("the file is missing");
    if (found.size !== size) return findings.problem("data-size", subject, `has ${found.size} bytes instead of ${size}`, fix);
    if (quick) return;
    const read = await reader
      .read(feature, found)
      .catch(async (error: unknown) => ({ unreadable: await whyUnreadable(error, store, signal) }));
    if (read !== undefined && "unreadable" in read) return findings.problem("unreadable", subject, read.unreadable, unreadableFix);
    if (read === undefined) return missing("the file was removed during the verification");
    if (read.size !== size) return findings.problem("data-size", subject, `has ${read.size} bytes instead of ${size}`, fix);
    if (read.sha256 !== sha256) findings.problem("data-hash", subject, `its SHA-256 is ${read.sha256} instead of ${sha256}`, contentFix);
  };
  await pMap(files, verifyFile, { concurrency: 4, ...(signal === undefined ? {} : { signal }) });
  for (const info of listed.values()) strayObject(findings, feature, info, "the metadata of its version does not name it", version);
}

/** Reports an object that nothing in the store refers to. */
export function strayObject(findings: Findings, feature: string, { key }: ObjectInfo, message: string, version?: string): void {
  findings.problem("stray", { feature, version, key }, message, strayFix);
}

/** How to fix an object that nothing refers to. */
export const strayFix = "Move it out of the store, or delete it. Then verify again: mlforge verify";
