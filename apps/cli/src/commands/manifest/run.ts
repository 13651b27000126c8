import type { ManifestFeature, StoreManifest } from "@mlforge/core";
import { displayUrl } from "../../display-path.js";
import { formatBytes, formatCount, formatTimestamp } from "../../quantity.js";
import { indented } from "../../report-error.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

export interface ManifestFlags {
  readonly write?: boolean | undefined;
}

/** Shows all features in the store, and writes the manifest there with `--write`. Returns 1 if a document cannot be read. */
export async function manifest({ definitions, console, signal }: CommandContext, { write = false }: ManifestFlags): Promise<0 | 1> {
  const { manifest: found, url } = write
    ? await definitions.store.writeManifest({ signal })
    : { manifest: await definitions.store.manifest({ signal }), url: undefined };
  const broken = found.features.flatMap((feature) => feature.broken);
  for (const { error } of broken)
    console.note(`${console.colors.red("error:")} ${indented(error.message)} ${console.colors.dim(`[${error.code}]`)}`);
  console.print({ document: found, text: () => toText(found, console.width) });
  if (url !== undefined) console.note(`written to ${displayUrl(url)}`);
  return broken.length === 0 ? 0 : 1;
}

/** Formats a row for each feature. */
function toText({ features }: StoreManifest, width: number): string {
  if (features.length === 0) return "the store has no features yet; run mlforge build";
  return renderTable(
    [
      { title: "FEATURE" },
      { title: "LATEST" },
      { title: "VERSIONS", align: "right" },
      { title: "ROWS", align: "right" },
      { title: "SIZE", align: "right" },
      { title: "UPDATED" },
      { title: "" },
    ],
    features.map(featureRow),
    width,
  );
}

/** Returns the cells of a feature. Rows, size, and time are those of the latest version. */
function featureRow({ name, latest, held, versions, broken }: ManifestFeature): string[] {
  const current = versions.find(({ version }) => version === latest);
  const marks = [...(held ? ["held"] : []), ...(broken.length > 0 ? [`${broken.length} broken`] : [])];
  return [
    name,
    latest ?? "",
    formatCount(versions.length),
    current === undefined ? "" : formatCount(current.rows),
    current === undefined ? "" : formatBytes(current.bytes),
    formatTimestamp(current?.created_at ?? ""),
    marks.join(", "),
  ];
}
