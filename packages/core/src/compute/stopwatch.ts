/** The progress of the build of one feature. */
export interface BuildProgress {
  readonly feature: string;
  readonly step: "reading" | "computing" | "checking" | "publishing";
  /** From 0 to 1. Reported while computing. */
  readonly fraction?: number | undefined;
}

/** The seconds spent on each step of a build. */
export type StepSeconds = Readonly<Partial<Record<BuildProgress["step"], number>>>;

/** Reports the steps of one feature and measures their time. Time between two steps is not counted. */
export class Stopwatch {
  readonly #tell: (step: BuildProgress["step"], fraction?: number) => void;
  readonly #spent = new Map<BuildProgress["step"], number>();
  #running: { readonly step: BuildProgress["step"]; readonly since: number } | undefined;

  constructor(tell: (step: BuildProgress["step"], fraction?: number) => void) {
    this.#tell = tell;
  }

  readonly begin = (step: BuildProgress["step"], fraction?: number): void => {
    if (this.#running?.step !== step) {
      this.pause();
      this.#running = { step, since: performance.now() };
    }
    this.#tell(step, fraction);
  };

  pause(): void {
    if (this.#running === undefined) return;
    const { step, since } = this.#running;
    this.#spent.set(step, (this.#spent.get(step) ?? 0) + performance.now() - since);
    this.#running = undefined;
  }

  seconds(): StepSeconds {
    this.pause();
    return Object.fromEntries([...this.#spent].map(([step, milliseconds]) => [step, Math.round(milliseconds) / 1000]));
  }
}
