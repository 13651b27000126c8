/** Options for properties that take long: shrinking ends before a test of a minute does, and the report shows what it found. */
export const inTime = { interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true } as const;
