import type { BrokenVersion, VersionMetadata } from "@mlforge/core";
import { formatBytes, formatCount, formatTimestamp } from "../../quantity.js";
import { errorLine } from "../../report-error.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

/** Lists the published versions. Marks versions with unreadable metadata as broken, and then returns 1. */
export async function versions({ definitions, console, signal }: CommandContext, name: string): Promise<0 | 1> {
  const { feature, latest, versions: published, broken } = await definitions.versions.list(name, { signal });
  const listed = published.map(listedVersion);
  if (listed.length + broken.length === 0) console.note(`${feature} was never built; run mlforge build --features ${feature}`);
  const reads = listed.some(({ inputs }) => inputs.length > 0);
  for (const { version, error } of broken) console.note(errorLine(error, console, version));
  console.print({
    document: { feature, latest: latest ?? null, versions: listed, broken: broken.map(brokenVersion) },
    text: () =>
      renderTable(
        [
          { title: "VERSION" },
          { title: "CHANGE" },
          { title: "ROWS", align: "right" },
          { title: "SIZE", align: "right" },
          { title: "CREATED" },
          ...(reads ? [{ title: "READS" }] : []),
          { title: "" },
        ],
        [
          ...listed.map(({ version, change, rows, bytes, created_at, inputs }) => [
            version,
            change,
            formatCount(rows),
            formatBytes(bytes),
            formatTimestamp(created_at),
            ...(reads ? [inputs.map((input) => `${input.feature} ${input.version}`).join(", ")] : []),
          ]),
          ...broken.map(({ version }) => [version, "broken", "", "", "", ...(reads ? [""] : [])]),
        ]
          .sort(([a = ""], [b = ""]) => a.localeCompare(b, "en", { numeric: true }))
          .map((row) => [...row, row[0] === latest ? "latest" : ""]),
        console.width,
      ),
  });
  return broken.length === 0 ? 0 : 1;
}

function listedVersion({ version, change_summary, row_count, files, created_at, inputs = [] }: VersionMetadata) {
  return {
    version,
    change: change_summary.bump_type,
    rows: row_count,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    created_at,
    inputs: inputs.map(({ feature, version: read }) => ({ feature, version: read })),
  };
}

function brokenVersion({ version, error: { code, message } }: BrokenVersion): object {
  return { version, error: { code, message } };
}
