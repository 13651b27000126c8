import * as v from "valibot";
import { manifestKey } from "../log/keys.js";
import { examineDocument } from "./examine-document.js";
import type { StoreProblem } from "./report.js";
import type { VerifyRun } from "./run.js";
import { unreadableFix } from "./unreadable.js";

const manifestSchema = v.object({ layout_version: v.number(), features: v.array(v.unknown()) });

/** A manifest has one line for each column of each version. This is enough for millions. */
const maxManifestBytes = 512 * 1024 * 1024;

/** Checks that the `manifest.json` of a store is intact. It can be older than the content of the store. */
export async function verifyManifest({ store, signal }: VerifyRun): Promise<StoreProblem | undefined> {
  const kind = { schema: manifestSchema, isForeign, most: maxManifestBytes };
  const examined = await examineDocument(store, manifestKey, kind, signal);
  if (examined.kind === "newer") {
    const fix = "Upgrade mlforge and verify again: mlforge verify";
    return { kind: "layout-unsupported", key: manifestKey, message: examined.reason, fix };
  }
  if (examined.kind === "unreadable") return { kind: "unreadable", key: manifestKey, message: examined.reason, fix: unreadableFix };
  if (examined.kind !== "broken") return undefined;
  return { kind: "manifest-invalid", key: manifestKey, message: examined.reason, fix: "Write it again: mlforge manifest --write" };
}

/** Returns true if mlforge for Python wrote the manifest. */
function isForeign(members: ReadonlySet<string>): boolean {
  return !members.has("layout_version") && members.has("version");
}
