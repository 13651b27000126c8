import { displayUrl, pathOf } from "../../display-path.js";
import { renderFields } from "../../fields.js";
import type { CommandContext } from "../../run-command.js";

/** Shows the chosen profile. Lists the other profiles without evaluating them. */
export async function profile({ definitions, console }: CommandContext): Promise<0> {
  const { profile: chosen = null, profiles, offlineStore, engine = null, format = null, schemes } = definitions.describeEnvironment();
  const store = { name: offlineStore.name, path: pathOf(offlineStore.url) };
  if (profiles.length === 0) console.note("These definitions have no profiles.");
  console.print({
    document: { profile: chosen, profiles, offline_store: store, engine, format, schemes },
    text: () =>
      renderFields([
        ["profile", chosen],
        ["others", profiles.filter((name) => name !== chosen).join(", ")],
        ["offline store", `${store.name}: ${displayUrl(offlineStore.url)}`],
        ["engine", engine === null ? null : `${engine.name} ${engine.version}`],
        ["format", format],
        ["reads", schemes.map((scheme) => `${scheme}:`).join(", ")],
      ]),
  });
  return 0;
}
