/** A deadline that moves with each start. */
export class Countdown {
  /** Resolves at the deadline. */
  readonly ended: Promise<undefined>;
  #end: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = () => resolve(undefined);
    });
  }

  start(milliseconds: number): void {
    this.stop();
    this.#timer = setTimeout(this.#end, milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
