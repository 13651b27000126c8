import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import { type Change, explainChange } from "./change.js";
import { type Claim, type Committer, claimVersion, expectFree, isClaimed, versionExists } from "./claim.js";
import { createOnce } from "./create-once.js";
import type { StoredDocument } from "./document.js";
import { metadataKey } from "./keys.js";
import { metadataSchema, readMetadata, type VersionMetadata } from "./metadata.js";
import { type MoveOutcome, movePointer, type Pointer, readPointer } from "./pointer.js";
import { candidateVersions } from "./version.js";

/** The log of one feature, and who writes to it. */
export interface Log {
  readonly store: Store;
  readonly feature: string;
  readonly committer: Committer;
  readonly signal?: AbortSignal | undefined;
}

/** The state of the log when a build read it. */
export interface Observed {
  readonly pointer: StoredDocument<Pointer> | undefined;
  readonly latest: VersionMetadata | undefined;
  /** True if the credentials cannot read. The pointer is then unknown, which is not the same as missing. */
  readonly unreadable: boolean;
  /** Numbers that were found to be neither claimed nor published. */
  readonly free: ReadonlySet<string>;
}

/** The version a build intends to publish, without its number. */
export interface Candidate {
  readonly planFingerprint: string;
  readonly sourceFingerprint: string;
  /** The number to publish under, if the caller chose one. */
  readonly version?: string | undefined;
  /** Returns how it differs from the latest version. Undefined if there is nothing to publish. */
  change(latest: VersionMetadata | undefined): Change | undefined;
  /** True if an equal version that was published but never became latest can be promoted instead. */
  readonly mayPromote: boolean;
}

/** A candidate with the number that it gets. */
export interface Numbered {
  readonly version: string;
  readonly change: Change;
  /** The version that was latest before. */
  readonly parent: string | undefined;
}

/** A candidate whose data was computed, or can be computed in place. */
export interface ComputedVersion extends Candidate {
  /** Writes the data under a number that this commit has claimed, and returns the metadata to publish. If it fails, the number stays claimed. */
  write(numbered: Numbered): Promise<VersionMetadata>;
}

export type Outcome =
  | { readonly kind: "published"; readonly metadata: VersionMetadata; readonly change: Change; readonly move: MoveOutcome }
  | { readonly kind: "promoted"; readonly version: string; readonly move: MoveOutcome }
  | { readonly kind: "unchanged"; readonly version: string };

/** Reads the pointer of a feature and the metadata that it names. Takes two requests. */
export async function observe({ store, feature, signal }: Omit<Log, "committer">): Promise<Observed> {
  const pointer = await readPointer(store, feature, signal);
  const latest = pointer === undefined ? undefined : await readMetadata(store, feature, pointer.value.version, signal);
  return { pointer, latest, unreadable: false, free: new Set() };
}

const unreadable: Observed = { pointer: undefined, latest: undefined, unreadable: true, free: new Set() };

/**
 * Reads the log of a feature whose next version the caller chose. If the credentials cannot read, only the claim shows whether the number is free.
 *
 * @throws VERSION_EXISTS
 */
export async function observeFor(log: Omit<Log, "committer">, version: string): Promise<Observed> {
  if (!log.store.capabilities.readable) return unreadable;
  try {
    await expectFree(log.store, { feature: log.feature, version }, log.signal);
    const observed = await observe(log);
    // In a Git clone, only the pointer shows that the number was used.
    if (observed.pointer?.value.pruned?.includes(version) === true) throw versionExists({ feature: log.feature, version });
    return { ...observed, free: new Set([version]) };
  } catch (error) {
    if (isMlforgeError(error, "STORE_ACCESS_DENIED")) return unreadable;
    throw error;
  }
}

/** The action for a candidate in the current state. */
export type Decision =
  | { readonly kind: "unchanged"; readonly version: string }
  /** An earlier build published exactly this version but ended before it made it latest. */
  | { readonly kind: "promote"; readonly version: string; readonly change: Change }
  | { readonly kind: "publish"; readonly version: string; readonly change: Change };

/**
 * Decides what to do. Changes nothing.
 *
 * A build learns that a number is claimed when it tries to claim it. Only a plan, which claims nothing, looks for claims, which takes one request.
 *
 * @throws VERSION_EXISTS if the number that the caller chose is taken
 */
export async function decide(
  log: Omit<Log, "committer">,
  candidate: Candidate,
  observed: Observed,
  { claims }: { readonly claims: "look" | "leave" },
): Promise<Decision> {
  const change = candidate.change(observed.latest);
  if (change === undefined) return unchanged(observed);
  for (const version of candidates(candidate, change, observed)) {
    const claim: Claim = { feature: log.feature, version };
    const found = await inspectNumber(log, version, candidate, observed);
    if (found === "promotable") return { kind: "promote", version, change };
    const isFree = found === "free" && (claims === "leave" || observed.unreadable || !(await isClaimed(log.store, claim, log.signal)));
    if (isFree) return { kind: "publish", version, change };
    if (candidate.version !== undefined) throw versionExists(claim);
  }
  throw new TypeError("there is always a next version number");
}

/**
 * Handles the cases that need no computation: nothing changed, or an earlier build published exactly this version but ended before it made it latest.
 * Makes that version latest. Otherwise returns the observed state for a computation.
 */
export async function settleEarly(
  log: Log,
  candidate: Candidate,
  observed: Observed,
): Promise<Outcome | { readonly kind: "open"; readonly observed: Observed }> {
  const decision = await decide(log, candidate, observed, { claims: "leave" });
  switch (decision.kind) {
    case "unchanged":
      return decision;
    case "promote":
      return (await promote(log, decision.version, observed)) ?? settleEarly(log, candidate, await observe(log));
    case "publish":
      return { kind: "open", observed: { ...observed, free: new Set([...observed.free, decision.version]) } };
  }
}

/**
 * Publishes a candidate under the first free number: claim, data, metadata (the commit point), pointer.
 *
 * If another build moved the pointer in between, decides the change and the number again based on the new latest version.
 *
 * @throws VERSION_EXISTS if the number that the caller chose is taken; STORE_CONFLICT if a prune treated this build as abandoned and removed what it
 * published
 */
export async function publish(log: Log, computed: ComputedVersion, observed: Observed): Promise<Outcome> {
  const change = computed.change(observed.latest);
  if (change === undefined) return unchanged(observed);
  for (const version of candidates(computed, change, observed)) {
    const claim: Claim = { feature: log.feature, version };
    const found = await inspectNumber(log, version, computed, observed);
    if (found === "free" && (await claimVersion(log.store, claim, log.committer, { signal: log.signal })) === "created") {
      const metadata = await computed.write({ version, change, parent: observed.latest?.version });
      if (
        (await createOnce(log.store, metadataKey(log.feature, version), metadata, metadataSchema, { signal: log.signal })) === "created"
      ) {
        const move = await moveTo(log, version, explainChange(change), observed);
        if (!move.moved && move.because === "pruned") throw takenForDead(log, version);
        return { kind: "published", metadata, change, move };
      }
    }
    if (computed.version !== undefined || observed.unreadable) throw versionExists(claim);
    const now = await observe(log);
    if (now.pointer?.etag !== observed.pointer?.etag) return publish(log, computed, now);
    if (found === "promotable") return (await promote(log, version, observed)) ?? publish(log, computed, await observe(log));
  }
  throw new TypeError("there is always a next version number");
}

/** `promotable`: published, equal to the candidate, and never latest. A version that was rolled back is not promotable. */
async function inspectNumber(
  { store, feature, signal }: Omit<Log, "committer">,
  version: string,
  candidate: Candidate,
  { pointer, free, unreadable: mayNotRead }: Observed,
): Promise<"free" | "taken" | "promotable"> {
  if (pointer?.value.pruned?.includes(version) === true) return "taken";
  // The claim decides. Every version has one, except in a Git clone, where a pull may have added metadata in between.
  if (mayNotRead || (free.has(version) && !store.capabilities.workingTree)) return "free";
  const found = await readMetadata(store, feature, version, signal).catch((error: unknown) => {
    if (isMlforgeError(error, "METADATA_INVALID", "LAYOUT_UNSUPPORTED")) return "unreadable" as const;
    throw error;
  });
  if (found === undefined) return "free";
  // Its number was used, whatever it was used for.
  if (found === "unreadable") return "taken";
  const same = found.plan_fingerprint === candidate.planFingerprint && found.source_fingerprint === candidate.sourceFingerprint;
  const wasLatest = pointer?.value.history.some((move) => move.version === version) ?? false;
  return candidate.mayPromote && same && !wasLatest ? "promotable" : "taken";
}

/** Returns undefined if a prune is removing the version: it can then no longer be promoted. */
async function promote(log: Log, version: string, observed: Observed): Promise<Outcome | undefined> {
  const move = await moveTo(log, version, "published by an earlier build, which did not make it latest", observed);
  return !move.moved && move.because === "pruned" ? undefined : { kind: "promoted", version, move };
}

function takenForDead({ store, feature }: Log, version: string): MlforgeError<"STORE_CONFLICT"> {
  const message = `a prune treated the build of version ${version} of feature "${feature}" as abandoned and removed it; run the build again`;
  return new MlforgeError("STORE_CONFLICT", message, { store: store.name, key: metadataKey(feature, version) });
}

function moveTo({ store, feature, committer, signal }: Log, version: string, reason: string, observed: Observed): Promise<MoveOutcome> {
  const { commitId, by, at } = committer;
  return movePointer(store, feature, { version, kind: "build", at, by, reason, commit_id: commitId }, observed, signal);
}

function candidates(candidate: Candidate, change: Change, { pointer }: Observed): Iterable<string> {
  return candidate.version === undefined ? candidateVersions(change.bump, pointer?.value.version) : [candidate.version];
}

function unchanged({ pointer }: Observed): Outcome & { readonly kind: "unchanged" } {
  if (pointer === undefined) throw new TypeError("a feature without a latest version is never unchanged");
  return { kind: "unchanged", version: pointer.value.version };
}
