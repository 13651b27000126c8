import type { EngineLoader } from "./engine-loader.js";

/** The part of the commands that the program around them provides. */
export interface Host {
  readonly loadEngine: EngineLoader;
}
