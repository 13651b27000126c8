import { formatBytes, formatCount } from "../quantity.js";
import type { CommandContext } from "../run-command.js";
import { renderTable } from "../table.js";

export async function versions({ definitions, console, signal }: CommandContext, name: string): Promise<0> {
  const { feature, latest, versions: published } = await definitions.listVersions(name, { signal });
  const listed = published.map(({ version, change_summary, row_count, files, created_at }) => ({
    version,
    change: change_summary.bump_type,
    rows: row_count,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    created_at,
  }));
  if (listed.length === 0) console.note(`${feature} was never built; mlforge build --features ${feature} builds it`);
  console.print({
    document: { feature, latest: latest ?? null, versions: listed },
    text: () =>
      renderTable(
        [
          { title: "VERSION" },
          { title: "CHANGE" },
          { title: "ROWS", align: "right" },
          { title: "SIZE", align: "right" },
          { title: "CREATED" },
          { title: "" },
        ],
        listed.map(({ version, change, rows, bytes, created_at }) => [
          version,
          change,
          formatCount(rows),
          formatBytes(bytes),
          created_at,
          version === latest ? "latest" : "",
        ]),
        console.width,
      ),
  });
  return 0;
}
