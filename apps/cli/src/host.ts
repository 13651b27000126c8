import type { EngineLoader } from "./engine-loader.js";

/** Holds what the program that runs the commands provides. */
export interface Host {
  readonly loadEngine: EngineLoader;
}
