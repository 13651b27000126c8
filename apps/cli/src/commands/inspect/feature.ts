import type { Rolling, VersionMetadata } from "@mlforge/core";
import { isMlforgeError } from "@mlforge/spec";
import { describeFeature } from "../../describe.js";
import { displayUrl, pathOf } from "../../display-path.js";
import { renderColumns, renderFields } from "../../fields.js";
import { formatBytes, formatCount } from "../../quantity.js";
import type { CommandContext } from "../../run-command.js";
import { timelessText, volatileText } from "../../time-notes.js";

/** Shows the definition of a feature and the metadata of a version. A feature that was never built has no metadata. */
export async function inspectFeature(context: CommandContext, name: string, wanted: string): Promise<0> {
  const { definitions, console } = context;
  const definition = describeFeature(definitions.feature(name));
  const metadata = await findVersion(context, name, wanted);
  const url = metadata === undefined ? undefined : definitions.offlineStore.locate(metadata.path);
  if (metadata === undefined) console.note(`${name} was never built; run mlforge build --features ${name}`);
  console.print({
    document: {
      feature: name,
      version: metadata?.version ?? null,
      path: url === undefined ? null : pathOf(url),
      definition,
      metadata: metadata ?? null,
    },
    text: () => {
      const fields = renderFields([
        ["feature", name],
        ["description", definition.description],
        ["keys", definition.keys.join(", ")],
        ["entities", definition.entities.join(", ")],
        ["source", definition.source],
        ["tags", definition.tags.join(", ")],
        ["windows", definition.rolling.map(windowsText).join("; ")],
        ["ttl", definition.ttl],
        ["static", definition.static ? "yes" : null],
        ...(metadata === undefined ? [] : versionFields(metadata)),
        ["path", url === undefined ? null : displayUrl(url)],
      ]);
      return metadata === undefined ? fields : `${fields}\n\n${renderColumns(metadata.columns, console.width)}`;
    },
  });
  return 0;
}

function windowsText({ every, windows, aggregations }: Rolling): string {
  const columns = Object.entries(aggregations).map(([column, functions]) => `${functions.join(", ")} of ${column}`);
  return `${columns.join(", ")} over ${windows.join(", ")}, every ${every}`;
}

async function findVersion({ definitions, signal }: CommandContext, name: string, version: string): Promise<VersionMetadata | undefined> {
  try {
    return await definitions.versions.inspect(name, { version, signal });
  } catch (error) {
    const neverBuilt = version === "latest" && isMlforgeError(error, "VERSION_NOT_FOUND") && error.details.available.length === 0;
    if (neverBuilt) return undefined;
    throw error;
  }
}

function versionFields(metadata: VersionMetadata): [label: string, value: string | null][] {
  const { change_summary, engine, files, validation = [], timeless = [], volatile = false } = metadata;
  const reason = [change_summary.reason.replaceAll("_", " "), ...change_summary.details].join(", ");
  return [
    ["version", metadata.version],
    ["change", `${change_summary.bump_type}: ${reason}`],
    ["after", metadata.parent_version ?? null],
    ["created", metadata.created_at],
    ["by", `mlforge ${metadata.mlforge_version}, ${engine.name} ${engine.version}`],
    ["timestamp", metadata.timestamp ?? null],
    ["rows", formatCount(metadata.row_count)],
    ["rules", validation.length === 0 ? null : `${validation.filter(({ passed }) => passed).length} of ${validation.length} passed`],
    ["timeless", timeless.map(timelessText).join("; ") || null],
    ["volatile", volatile ? volatileText : null],
    ["size", formatBytes(files.reduce((sum, file) => sum + file.size, 0))],
  ];
}
