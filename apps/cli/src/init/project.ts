import type { DataSource } from "./data-source.js";
import type { StoreChoice } from "./store-choice.js";

/** What a new project is made of. */
export interface ProjectChoice {
  /** Of the folder, the package and the definitions. */
  readonly name: string;
  readonly store: StoreChoice;
  readonly data: DataSource;
}

/** Texts by the paths of their files in the project, with `/` between folders. */
export type ProjectFiles = Readonly<Record<string, string>>;
