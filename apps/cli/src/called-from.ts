let folder = process.cwd();

/** Remembers the working directory before a command changes it to the project folder. */
export function rememberFolder(): void {
  folder = process.cwd();
}

/** Returns the folder where the command was run. */
export function calledFrom(): string {
  return folder;
}
