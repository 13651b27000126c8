import type { ProjectFiles } from "./project.js";

/** Where a project's rows come from, and the features it begins with. */
export interface DataSource {
  /** The names that its text needs of @mlforge/core. */
  readonly imports: readonly string[];
  /** The source, the entities and the features as TypeScript. */
  readonly text: string;
  /** The features, by the names of their constants, in the order of the text. */
  readonly features: readonly FeatureText[];
  /** The data that the project brings. */
  readonly files: ProjectFiles;
}

export interface FeatureText {
  readonly constant: string;
  readonly name: string;
  /** What it tells, for the README. */
  readonly about: string;
}
