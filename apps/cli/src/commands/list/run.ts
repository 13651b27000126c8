import { describeEntity, describeFeature, describeSource, keysText, queryLine } from "../../describe.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

export async function features({ definitions, console }: CommandContext): Promise<0> {
  const described = definitions.features.map(describeFeature);
  console.print({
    document: { features: described },
    text: () =>
      renderTable(
        [{ title: "NAME" }, { title: "KEYS" }, { title: "SOURCE" }, { title: "TAGS" }, { title: "DESCRIPTION" }],
        described.map(({ name, keys, source, tags, description }) => [name, keys.join(", "), source, tags.join(", "), description ?? ""]),
        console.width,
      ),
  });
  return 0;
}

export async function entities({ definitions, console }: CommandContext): Promise<0> {
  const described = definitions.entities.map(describeEntity);
  console.print({
    document: { entities: described },
    text: () =>
      renderTable(
        [{ title: "NAME" }, { title: "KEYS" }, { title: "DESCRIPTION" }],
        described.map((each) => [each.name, keysText(each), each.description ?? ""]),
        console.width,
      ),
  });
  return 0;
}

export async function sources({ definitions, console }: CommandContext): Promise<0> {
  const described = [...definitions.sources, ...definitions.labels].map(describeSource);
  console.print({
    document: { sources: described },
    text: () =>
      renderTable(
        [{ title: "NAME" }, { title: "FORMAT" }, { title: "TIMESTAMP" }, { title: "PATH" }, { title: "DESCRIPTION" }],
        described.map((source) => [
          source.name,
          source.format?.kind ?? source.query?.connector ?? "",
          source.timestamp ?? "",
          source.query === null ? source.paths.join(", ") : queryLine(source),
          source.description ?? "",
        ]),
        console.width,
      ),
  });
  return 0;
}
