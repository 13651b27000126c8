/** Where the build of a feature is. */
export interface BuildProgress {
  readonly feature: string;
  readonly step: "reading" | "computing" | "checking" | "publishing";
  /** From 0 to 1, while computing. */
  readonly fraction?: number | undefined;
}

/** Seconds spent on each step of a build that was taken. */
export type StepSeconds = Readonly<Partial<Record<BuildProgress["step"], number>>>;

/** Tells of the steps of one feature and measures them; waiting between two of them counts to none. */
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
