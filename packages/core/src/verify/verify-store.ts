import { compareStoreKeys, MlforgeError, nearest, type ObjectInfo, type Store, suggest } from "@mlforge/spec";
import pMap from "p-map";
import { manifestKey } from "../log/keys.js";
import { namesIn } from "../read/names-in.js";
import { DataReader } from "./data-reader.js";
import type { StoreProblem, VerifyReport } from "./report.js";
import type { VerifyRun } from "./run.js";
import { entriesOf, objectsOf, type StoreEntry } from "./store-entries.js";
import { strayFix } from "./verify-data.js";
import { verifyFeature } from "./verify-feature.js";
import { verifyManifest } from "./verify-manifest.js";

/** The findings about one entry of the store. */
type Share = Omit<VerifyReport, "leftovers">;

/** The maximum number of features to verify concurrently. */
const concurrency = 4;

/** Verifies everything in a store, or only some features. `docs/verify.md` lists the checks. */
export async function verifyStore(run: VerifyRun, features: readonly string[] | undefined): Promise<VerifyReport> {
  const shares = await verifyEntries(run, features);
  const sum = (count: (share: Share) => number): number => shares.reduce((total, share) => total + count(share), 0);
  const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => compareStoreKeys(a.key, b.key);
  const leftovers = features === undefined ? await run.leftovers() : [];
  return {
    features: sum((share) => share.features),
    versions: sum((share) => share.versions),
    files: sum((share) => share.files),
    bytes: sum((share) => share.bytes),
    problems: shares.flatMap(({ problems }) => problems).sort(byKey),
    notes: shares.flatMap(({ notes }) => notes).sort(byKey),
    leftovers: leftovers.map(({ kind, location, key }) => ({ kind, location, ...(key === undefined ? {} : { key }) })),
  };
}

async function verifyEntries(run: VerifyRun, features: readonly string[] | undefined): Promise<readonly Share[]> {
  run.signal?.throwIfAborted();
  const reader = new DataReader(run);
  const places = features === undefined ? entriesOf(run.store, run.signal) : featureEntries(run.store, features, run.signal);
  return pMap(places, (place) => verifyEntry(run, place, reader), {
    concurrency,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
}

async function* featureEntries(
  store: Store,
  features: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<StoreEntry, void, undefined> {
  for (const feature of new Set(features)) yield { kind: "feature", feature, objects: await objectsOf(store, feature, signal) };
}

async function verifyEntry(run: VerifyRun, place: StoreEntry, reader: DataReader): Promise<Share> {
  const nothing: Share = { features: 0, versions: 0, files: 0, bytes: 0, problems: [], notes: [] };
  switch (place.kind) {
    case "file": {
      const problem =
        place.info.key === manifestKey ? await verifyManifest(run) : stray(place.info.key, "stores have no file with this name");
      return { ...nothing, ...sizeOf([place.info]), problems: problem === undefined ? [] : [problem] };
    }
    case "folder": {
      const message = `a feature cannot have this name; the folder has ${place.files} files`;
      return { ...nothing, files: place.files, bytes: place.bytes, problems: [stray(`${place.name}/`, message)] };
    }
    case "feature": {
      const { findings, versions, isFeature, objects } = await verifyFeature(run, place.feature, place.objects, reader);
      return { ...sizeOf(objects), ...findings, versions, features: isFeature ? 1 : 0 };
    }
  }
}

function sizeOf(objects: readonly ObjectInfo[]): Pick<Share, "files" | "bytes"> {
  return { files: objects.length, bytes: objects.reduce((sum, { size }) => sum + size, 0) };
}

function stray(key: string, message: string): StoreProblem {
  return { kind: "stray", key, message, fix: strayFix };
}

/** Refuses names that are neither defined nor in the store. @throws NAME_UNKNOWN */
export async function expectKnown(
  store: Store,
  features: readonly string[] | undefined,
  defined: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const unsure = features?.filter((feature) => !defined.includes(feature)) ?? [];
  if (unsure.length === 0) return;
  const known = new Set([...defined, ...(await namesIn(store, signal))]);
  const available = [...known].sort();
  const name = unsure.find((feature) => !known.has(feature));
  if (name === undefined) return;
  const near = nearest(name, available);
  const hint = suggest(name, available, `known features: ${available.join(", ") || "none"}`);
  throw new MlforgeError("NAME_UNKNOWN", `no feature is named "${name}", neither in the definitions nor in the store; ${hint}`, {
    what: "feature",
    name,
    nearest: near,
    available,
  });
}
