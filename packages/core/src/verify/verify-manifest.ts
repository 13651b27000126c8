import * as v from "valibot";
import { manifestKey } from "../log/keys.js";
import { examineDocument } from "./examine-document.js";
import type { StoreProblem } from "./report.js";
import type { VerifyRun } from "./run.js";

const manifestSchema = v.object({ layout_version: v.number(), features: v.array(v.unknown()) });

/** A manifest has a line for each column of each version: this is enough for millions. */
const maxManifestBytes = 512 * 1024 * 1024;

/** Looks whether the `manifest.json` of a store is whole. It may be older than what is in the store. */
export async function verifyManifest({ store, signal }: VerifyRun): Promise<StoreProblem | undefined> {
  const kind = { schema: manifestSchema, isForeign, most: maxManifestBytes };
  const examined = await examineDocument(store, manifestKey, kind, signal);
  if (examined.kind === "newer") {
    const fix = "Upgrade mlforge, and verify again: mlforge verify";
    return { kind: "layout-unsupported", key: manifestKey, message: examined.reason, fix };
  }
  if (examined.kind !== "broken") return undefined;
  return { kind: "manifest-invalid", key: manifestKey, message: examined.reason, fix: "Write it anew: mlforge manifest --write" };
}

/** That of mlforge for Python has neither. */
function isForeign(members: ReadonlySet<string>): boolean {
  return !members.has("layout_version") && members.has("version");
}
