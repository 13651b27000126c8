import type { VersionDiff } from "@mlforge/core";
import type { CommandContext } from "../../run-command.js";
import { diffDocument } from "./document.js";
import { diffText } from "./text.js";

export interface DiffFlags {
  readonly data: boolean;
  readonly quiet?: boolean | undefined;
}

const exitCodes = { same: 0, patch: 1, minor: 2, major: 3 } as const;

/** Compares two versions. The exit code is the kind of change, which depends on metadata only. */
export async function diff(
  { definitions, console, signal }: CommandContext,
  name: string,
  versions: { readonly from?: string | undefined; readonly to?: string | undefined },
  { data, quiet = false }: DiffFlags,
): Promise<0 | 1 | 2 | 3> {
  const found: VersionDiff = await definitions.versions.diff(name, {
    ...versions,
    data: data && !quiet,
    signal,
    onProgress: ({ feature, step, column, fraction }) => {
      console.live(`${feature}: comparing ${step === "rows" ? "rows" : column} ${Math.floor(fraction * 100)}%`);
    },
  });
  console.live("");
  if (!quiet) console.print({ document: diffDocument(found), text: () => diffText(found, console) });
  return exitCodes[found.change];
}
