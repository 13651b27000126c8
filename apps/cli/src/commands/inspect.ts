import { describeEntity, describeSource, keysText } from "../describe.js";
import { columnText, renderColumns, renderFields } from "../fields.js";
import type { CommandContext } from "../run-command.js";

export async function entity({ definitions, console }: CommandContext, name: string): Promise<0> {
  const described = describeEntity(definitions.entity(name));
  console.print({
    document: described,
    text: () =>
      renderFields([
        ["entity", described.name],
        ["description", described.description],
        ["keys", keysText(described)],
      ]),
  });
  return 0;
}

export async function source({ definitions, console }: CommandContext, name: string): Promise<0> {
  const described = describeSource(definitions.source(name));
  console.print({
    document: described,
    text: () => {
      const fields = renderFields([
        ["source", described.name],
        ["description", described.description],
        ["path", described.paths.join(", ")],
        ["format", described.format.kind],
        ["timestamp", described.timestamp],
        ["partitions", described.partitions.map(columnText).join(", ")],
      ]);
      return described.columns === null
        ? `${fields}\ncolumns      as found in the file`
        : `${fields}\n\n${renderColumns(described.columns, console.width)}`;
    },
  });
  return 0;
}
