import { loadDefinitions } from "../../load-definitions.js";
import type { Given, NamedThings } from "./candidates.js";

/** Maximum time to load definitions, in milliseconds, because a user waits at the keyboard. */
const patience = 5000;

/** Returns names from the definitions of the project. Returns none if the definitions are missing, fail to load, or take too long. */
export async function definedNames(what: NamedThings, { definitions, profile }: Given): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), patience);
  });
  const names = loadDefinitions(definitions, profile).then(
    (loaded) => {
      const { features, entities, labels } = loaded;
      const sources = [...loaded.sources, ...labels];
      if (what === "profiles") return loaded.describeEnvironment().profiles;
      if (what === "tags") return [...new Set(features.flatMap(({ tags }) => tags))].sort();
      return { features, entities, sources, labels }[what].map(({ name }) => name);
    },
    () => [],
  );
  try {
    return await Promise.race([names, late]);
  } finally {
    clearTimeout(timer);
  }
}
