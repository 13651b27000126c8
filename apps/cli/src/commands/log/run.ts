import { formatTimestamp } from "../../quantity.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

/** Older versions of mlforge recorded the name of each changed column. JSON has the whole reason. */
const maxReason = 1_000;

/** Shows the history of the latest version of a feature, newest first. */
export async function log({ definitions, console, signal }: CommandContext, name: string): Promise<0> {
  const { feature, latest, held, pruned, history } = await definitions.versions.log(name, { signal });
  if (latest === undefined) console.note(`${feature} was never built; run mlforge build --features ${feature}`);
  console.print({
    document: { feature, latest: latest ?? null, held, pruned, history },
    text: () => {
      const table = renderTable(
        [
          { title: "SEQ", align: "right" },
          { title: "WHEN" },
          { title: "VERSION" },
          { title: "" },
          { title: "WHAT" },
          { title: "WHO" },
          { title: "WHY", wrap: true },
        ],
        history.map(({ seq, at, version, kind, by, reason }, index) => [
          `${seq}`,
          formatTimestamp(at),
          version,
          index === 0 && version === latest ? "latest" : "",
          kind,
          by,
          reason.length > maxReason ? `${reason.slice(0, maxReason)}...` : reason,
        ]),
        console.width,
      );
      return held ? `held at ${latest}: builds are published but do not become latest until mlforge release ${feature}\n\n${table}` : table;
    },
  });
  return 0;
}
