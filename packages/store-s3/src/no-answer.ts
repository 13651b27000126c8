/** An error of the connection that says what happened in plain words. */
export class NoAnswer extends Error {
  /** The SDK repeats a request after an error of this name. */
  override readonly name: string;
  /** Advice to the user. Defaults to trying again. */
  readonly advice: string | undefined;
  /** True if trying again at once is useless. */
  readonly gaveUp: boolean;

  constructor(message: string, { advice, gaveUp }: { readonly advice?: string; readonly gaveUp: boolean }) {
    super(message);
    this.name = gaveUp ? "NoAnswer" : "TimeoutError";
    this.advice = advice;
    this.gaveUp = gaveUp;
  }
}

export const checkEndpoint = "check the endpoint of the store";

export function formatSeconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
