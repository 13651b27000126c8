import type { ProjectChoice } from "./project.js";

/** The text of `README.md`. */
export function readmeText({ name, store, data: { features } }: ProjectChoice): string {
  const [first] = features;
  return `# ${name}

Features, defined in [src/definitions.ts](src/definitions.ts) and built with mlforge:

${features.map((each) => `- \`${each.name}\`: ${each.about}`).join("\n")}

\`\`\`sh
npm install
npx mlforge build                              # what changed, as new versions in feature_store
npx mlforge list versions ${first?.name}
npx mlforge preview ${first?.name} --version latest
npm run typecheck
\`\`\`

Change a feature and build again: what was built stays as it is, and the change becomes a new version. \`npx mlforge --help\` shows every command.

Commit \`feature_store\`: its \`.gitignore\` files keep the data out of Git and the metadata of each version in it.
${store.kind === "s3" ? s3Section(store.bucket) : ""}`;
}

function s3Section(bucket: string | undefined): string {
  return `
## In production

\`\`\`sh
${bucket === undefined ? "export FEATURES_BUCKET=my-bucket\n" : ""}export FEATURES_PREFIX=features                   # where in ${bucket ?? "the bucket"}; this, unless told
npx mlforge doctor --store --profile prod         # what the present credentials may do
npx mlforge build --profile prod
\`\`\`

Credentials and region are found as the AWS SDK finds them: in the environment, a profile of AWS, or the role of the machine.
`;
}
