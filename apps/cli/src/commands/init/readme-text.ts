import type { ProjectChoice } from "./project.js";

/** Returns the text of `README.md`. */
export function readmeText({ name, store, data: { features } }: ProjectChoice): string {
  const [first] = features;
  return `# ${name}

Features built with mlforge. [src/definitions.ts](src/definitions.ts) defines them:

${features.map((each) => `- \`${each.name}\`: ${each.about}`).join("\n")}

\`\`\`sh
npm install
npx mlforge build                              # builds what changed into feature_store
npx mlforge list versions ${first?.name}
npx mlforge preview ${first?.name} --version latest
npm run typecheck
\`\`\`

Change a feature and build again: the change becomes a new version, and published versions stay unchanged. \`npx mlforge --help\` lists all commands.

Commit \`feature_store\`. Its \`.gitignore\` files exclude the data, so Git stores only the metadata of each version.
${store.kind === "s3" ? s3Section(store.bucket) : ""}`;
}

function s3Section(bucket: string | undefined): string {
  return `
## In production

\`\`\`sh
${bucket === undefined ? "export FEATURES_BUCKET=my-bucket\n" : ""}export FEATURES_PREFIX=features                   # prefix in ${bucket ?? "the bucket"}; defaults to features
npx mlforge doctor --store --profile prod         # checks what the credentials allow
npx mlforge build --profile prod
\`\`\`

The AWS SDK finds credentials and region in the environment, an AWS profile, or the role of the machine.
`;
}
