import type { DataSource } from "./data-source.js";
import type { StoreChoice } from "./store-choice.js";

/** The choices that determine a new project. */
export interface ProjectChoice {
  /** Name of the folder, the package, and the definitions. */
  readonly name: string;
  readonly store: StoreChoice;
  readonly data: DataSource;
}

/** File contents by their path in the project, with `/` between folders. */
export type ProjectFiles = Readonly<Record<string, string>>;
