import type { Engine, EngineCapabilities, EngineOptions, Plan, Scan } from "@mlforge/spec";
import type { Runner } from "../store/runner.js";
import type { Cell } from "./arrow-rows.js";
import type { Needs } from "./claims.js";

export interface EngineTestContext {
  /** The capabilities that the engine declares. They decide which tests run. */
  readonly capabilities: EngineCapabilities;
  /** Opens an engine for one test. The suite disposes of it. */
  open(): Promise<Engine>;
  /**
   * Writes the rows of a plan, in order, to a file that the engine reads, and returns a scan of it with the columns of the plan. `url` is free, in a temporary folder. Defaults to
   * `engine.write` to Parquet at `url`. If the engine does not write to `file` either, tests that need files do not run.
   */
  file?(engine: Engine, plan: Plan, url: string): Promise<Scan>;
}

/** Creates one test of the suite if the engine claims everything that it needs: `law` is its name, and `body` gets a new engine. */
export type EngineLaw = (law: string, needs: Needs, body: (tools: EngineTools) => Promise<void>) => void;

export interface EngineTools {
  readonly engine: Engine;
  /** Runs a plan and returns its rows. */
  rows(plan: Plan, options?: EngineOptions): Promise<Cell[][]>;
  /** Runs a plan of one row, and returns its first value. */
  only(plan: Plan): Promise<Cell | undefined>;
  /** Writes the rows of a plan to a new file, and returns a scan of it. */
  file(plan: Plan): Promise<Scan>;
  /** Returns a plan of the same rows that engines compute fast: those of {@link file}, or the plan itself if the engine reads no files. */
  stored(plan: Plan): Promise<Plan>;
  /** An empty folder. */
  readonly folder: string;
  /** Returns the URL of a file in the folder. */
  url(name: string): string;
}

export type { Runner };
