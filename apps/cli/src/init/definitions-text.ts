import { literal } from "../typescript-text.js";
import type { ProjectChoice } from "./project.js";
import type { StoreChoice } from "./store-choice.js";

/** The text of `src/definitions.ts`. */
export function definitionsText({ name, store, data }: ProjectChoice): string {
  const imports = ["Definitions", ...data.imports].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return `import { ${imports.join(", ")} } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
${store.kind === "s3" ? 'import { S3Store } from "@mlforge/store-s3";\n' : ""}
${data.text}${store.kind === "s3" ? `\n${s3Text(store)}` : ""}
export const defs = new Definitions({
  name: ${literal(name)},
  features: [${data.features.map(({ constant }) => constant).join(", ")}],
  offlineStore: ${store.kind === "s3" ? "openStore(process.env.ENVIRONMENT)" : 'new LocalStore("./feature_store")'},
  engine: new DuckDBEngine(),
});
`;
}

function s3Text({ bucket }: StoreChoice): string {
  const required = `/** A variable of the environment that must be set. */
function requireEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(\`set the environment variable \${name}\`);
  return value;
}

`;
  return `${bucket === undefined ? required : ""}/** A folder in development, a bucket in production. The AWS SDK finds credentials and region as it always does. */
function openStore(environment = "development"): LocalStore | S3Store {
  switch (environment) {
    case "development":
      return new LocalStore("./feature_store");
    case "production":
      return new S3Store({
        bucket: ${bucket === undefined ? 'requireEnv("FEATURES_BUCKET")' : literal(bucket)},
        prefix: process.env.FEATURES_PREFIX ?? "features",
      });
    default:
      throw new Error(\`ENVIRONMENT is "\${environment}"; set it to development or production\`);
  }
}
`;
}
