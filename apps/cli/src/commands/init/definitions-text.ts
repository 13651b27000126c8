import { literal } from "../../typescript-text.js";
import type { ProjectChoice } from "./project.js";
import type { StoreChoice } from "./store-choice.js";

/** Returns the text of `src/definitions.ts`. */
export function definitionsText({ name, store, data }: ProjectChoice): string {
  const needed = store.kind === "s3" && store.bucket === undefined ? ["requireEnv"] : [];
  const imports = ["Definitions", ...needed, ...data.imports].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const isS3 = store.kind === "s3";
  return `import { ${imports.join(", ")} } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
${isS3 ? 'import { S3Store } from "@mlforge/store-s3";\n' : ""}
${data.text}
export const defs = new Definitions({
  name: ${literal(name)},
  features: [${data.features.map(({ constant }) => constant).join(", ")}],
  engine: new DuckDBEngine(),
${isS3 ? profilesText(store) : '  offlineStore: new LocalStore("./feature_store"),\n'}});
`;
}

function profilesText({ bucket }: StoreChoice): string {
  return `  // Defaults to the first profile. Choose another with --profile or MLFORGE_PROFILE. The AWS SDK finds credentials and region as usual.
  profiles: {
    local: () => ({ offlineStore: new LocalStore("./feature_store") }),
    prod: () => ({
      offlineStore: new S3Store({
        bucket: ${bucket === undefined ? 'requireEnv("FEATURES_BUCKET")' : literal(bucket)},
        prefix: process.env.FEATURES_PREFIX ?? "features",
      }),
    }),
  },
`;
}
