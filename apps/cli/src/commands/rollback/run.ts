import type { Definitions } from "@mlforge/core";
import { MlforgeError } from "@mlforge/spec";
import type { CommandContext } from "../../run-command.js";

export interface RollbackFlags {
  readonly previous?: boolean | undefined;
  readonly hold?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

type Rollback = Awaited<ReturnType<Definitions["versions"]["rollback"]>>;

/** Makes a version latest again. Changes nothing if it is already latest. */
export async function rollback(
  { definitions, console, signal }: CommandContext,
  name: string,
  version: string | undefined,
  flags: RollbackFlags,
): Promise<0> {
  const { previous, hold, reason, dryRun } = flags;
  if ((version === undefined) !== (previous === true)) {
    const message = "pass either the version to roll back to, such as 1.0.3, or --previous";
    throw new MlforgeError("USAGE_INVALID", message, { argument: "version" });
  }
  const result = await definitions.versions.rollback(name, { version, previous, hold, reason, dryRun, signal });
  console.print({ document: toDocument(result), text: () => toText(result) });
  return 0;
}

function toDocument({ feature, from, to, moved, held, dryRun }: Rollback): object {
  return { feature, from: from ?? null, to, moved, held, dry_run: dryRun };
}

function toText({ feature, from, to, moved, held, dryRun }: Rollback): string {
  const holding = held ? ", held" : "";
  if (!moved) return `${feature}: ${to} is already latest${holding}; nothing was changed`;
  const before = from === to ? "" : ` (before: ${from ?? "none"})`;
  if (dryRun) return `${feature}: ${to} would be latest${holding}${before}; nothing was changed; to roll back, drop --dry-run`;
  const next = held
    ? `builds are published but do not become latest until mlforge release ${feature}`
    : "the next build with a change makes its version latest; use --hold to prevent that";
  return `${feature}: ${to} is now latest${holding}${before}\n${next}`;
}
