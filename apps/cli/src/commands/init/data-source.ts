import type { ProjectFiles } from "./project.js";

/** The source and the first features of a new project. */
export interface DataSource {
  /** Names that the text imports from @mlforge/core. */
  readonly imports: readonly string[];
  /** TypeScript code of the source, entities, and features. */
  readonly text: string;
  /** The features in the order of the text. */
  readonly features: readonly FeatureText[];
  /** Data files that the project includes. */
  readonly files: ProjectFiles;
}

export interface FeatureText {
  readonly constant: string;
  readonly name: string;
  /** Description for the README. */
  readonly about: string;
}
